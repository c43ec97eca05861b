//! set_robust_list: futexes that say so when their owner has ended.
//!
//! A thread keeps a list of the locks that it holds, in its own memory. When it ends, the kernel goes through it.
//!
//! # Invariants
//! The list is an allegation: whatever it holds, a bounded number of words is looked at, and only a word that names
//! the thread is changed.

use vm::{Client, UserPtr};

use super::call::{Call, Done, Reply};
use crate::charges::PAGE_MOVED;
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// Bytes of a `struct robust_list_head`.
const HEAD_BYTES: u32 = 12;
/// The most entries of a list.
const MOST: u32 = 2048;
/// What the word of a lock has beside its owner: that somebody waits, and that its owner has ended.
const WAITERS: u32 = 1 << 31;
const OWNER_DIED: u32 = 1 << 30;
const OWNER: u32 = OWNER_DIED - 1;
/// The bit of an entry's address that says that the kernel knows the lock's owner.
const WITH_OWNER: u32 = 1;

/// `long set_robust_list(struct robust_list_head *, size_t)`
pub(super) fn set_robust_list(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [head, bytes] = call.arguments();
    if bytes != HEAD_BYTES {
        return Err(Errno::Invalid.into());
    }
    kernel.linux_mut(call.pid()).robust = head;
    Ok(Done::ZERO)
}

impl Service<'_> {
    /// Lets go of the locks in the list of a thread that ends.
    pub(super) fn release_robust(&mut self, client: Client, pid: Pid, head: u32) {
        let Some([first, offset, pending]) = self.words_at(client, head) else {
            return;
        };
        let mut entry = first;
        for _ in 0..MOST {
            if entry & !WITH_OWNER == head {
                break;
            }
            // It may be in the list already or not yet.
            let next = self.words_at(client, entry & !WITH_OWNER);
            if entry != pending {
                self.release_lock(client, pid, entry, offset);
            }
            self.charge(PAGE_MOVED);
            let Some([next]) = next else { break };
            entry = next;
        }
        if pending != 0 {
            self.release_lock(client, pid, pending, offset);
        }
    }

    fn release_lock(&mut self, client: Client, pid: Pid, entry: u32, offset: u32) {
        let at = (entry & !WITH_OWNER).wrapping_add(offset);
        let Some([word]) = self.words_at(client, at).filter(|_| at.is_multiple_of(4)) else {
            return;
        };
        if word & OWNER != pid.0 {
            return;
        }
        let left = (word & WAITERS | OWNER_DIED).to_le_bytes();
        let written = self.vm.write_user(client, UserPtr(at), &left);
        if written.is_ok() && word & WAITERS != 0 && entry & WITH_OWNER == 0 {
            self.wake_at(client.space, at, 1);
        }
    }

    fn words_at<const COUNT: usize>(&mut self, client: Client, at: u32) -> Option<[u32; COUNT]> {
        let mut words = [[0; 4]; COUNT];
        let bytes = words.as_flattened_mut();
        self.vm.read_user(client, UserPtr(at), bytes).ok()?;
        Some(words.map(u32::from_le_bytes))
    }
}
