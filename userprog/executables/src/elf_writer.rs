//! Builds small ELF32 executables for tests, right or wrong in any field.

/// A segment to be built.
#[derive(Clone, Debug)]
pub struct Load {
    /// `p_type`.
    pub kind: u32,
    /// `p_vaddr`.
    pub vaddr: u32,
    /// Its bytes in the file, at an offset that agrees with the address modulo 4096.
    pub content: Vec<u8>,
    /// A wrong `p_offset`, instead of the true one.
    pub offset: Option<u32>,
    /// A wrong `p_filesz`, instead of the true one.
    pub file_bytes: Option<u32>,
    /// `p_memsz`.
    pub memory_bytes: u32,
    /// `p_flags`.
    pub flags: u32,
}

impl Load {
    /// `p_flags`: read and execute.
    pub const RX: u32 = 5;
    /// `p_flags`: read and write.
    pub const RW: u32 = 6;

    /// Creates a segment with this content.
    #[must_use]
    pub fn new(vaddr: u32, content: &[u8], flags: u32) -> Load {
        let memory_bytes = content.len() as u32;
        let (offset, file_bytes) = (None, None);
        Load {
            kind: 1,
            vaddr,
            content: content.to_vec(),
            offset,
            file_bytes,
            memory_bytes,
            flags,
        }
    }

    /// Creates a code segment at the usual address, with the file's headers in front of the code.
    #[must_use]
    pub fn code() -> Load {
        Load {
            offset: Some(0),
            ..Load::new(0x0804_8000, &[0x90; 100], Load::RX)
        }
    }

    /// Creates a data segment with .bss.
    #[must_use]
    pub fn data() -> Load {
        Load {
            memory_bytes: 5000,
            ..Load::new(0x0804_a010, &[7; 50], Load::RW)
        }
    }
}

/// An executable to be built.
#[derive(Clone, Debug)]
pub struct ElfWriter {
    entry: u32,
    loads: Vec<Load>,
}

impl ElfWriter {
    /// Creates an executable without segments that starts at `entry`.
    #[must_use]
    pub fn new(entry: u32) -> ElfWriter {
        ElfWriter {
            entry,
            loads: Vec::new(),
        }
    }

    /// Adds a segment.
    #[must_use]
    pub fn load(mut self, load: Load) -> ElfWriter {
        self.loads.push(load);
        self
    }

    /// Returns the file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut body_start = 4096;
        let mut headers = Vec::new();
        let mut body = Vec::new();
        for load in &self.loads {
            let place = body_start + load.vaddr % 4096;
            let at = (place - 4096) as usize;
            body.resize(at, 0);
            body.extend_from_slice(&load.content);
            body_start = 4096 + (body.len() as u32).next_multiple_of(4096);
            for word in [
                load.kind,
                load.offset.unwrap_or(place),
                load.vaddr,
                load.vaddr,
                load.file_bytes.unwrap_or(load.content.len() as u32),
                load.memory_bytes,
                load.flags,
                4096,
            ] {
                headers.extend_from_slice(&word.to_le_bytes());
            }
        }
        let mut file = self.header();
        file.extend_from_slice(&headers);
        file.resize(4096, 0);
        file.extend_from_slice(&body);
        file
    }

    fn header(&self) -> Vec<u8> {
        let mut header = b"\x7fELF\x01\x01\x01".to_vec();
        header.resize(16, 0);
        let half = |value: u16, to: &mut Vec<u8>| to.extend_from_slice(&value.to_le_bytes());
        half(2, &mut header);
        half(3, &mut header);
        for word in [1, self.entry, 52, 0, 0] {
            header.extend_from_slice(&u32::to_le_bytes(word));
        }
        for value in [52, 32, self.loads.len() as u16, 40, 0, 0] {
            half(value, &mut header);
        }
        header
    }
}
