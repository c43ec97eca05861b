//! Every kind of disk compared with an array of bytes.

use machine::disk::{BlockDevice, DiskError, FaultyDisk, FileDisk, MemoryDisk, SECTOR_SIZE};
use proptest::prelude::*;

const SECTORS: u64 = 40;

#[derive(Clone, Debug)]
enum Step {
    Read(u64, usize),
    Write(u64, usize, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let place = (0..SECTORS + 3, 0..12usize);
    prop_oneof![
        place
            .clone()
            .prop_map(|(sector, count)| Step::Read(sector, count)),
        (place, any::<u8>()).prop_map(|((sector, count), byte)| Step::Write(sector, count, byte)),
    ]
}

fn run(disk: &mut dyn BlockDevice, steps: &[Step]) {
    let mut model = vec![0u8; SECTORS as usize * SECTOR_SIZE];
    assert_eq!(disk.sectors(), SECTORS);
    for step in steps {
        let (Step::Read(sector, count) | Step::Write(sector, count, _)) = *step;
        let fits = sector + count as u64 <= SECTORS;
        let bytes = count * SECTOR_SIZE;
        let result = match *step {
            Step::Read(..) => {
                let mut back = vec![0xaa; bytes];
                let result = disk.read(sector, &mut back);
                if fits {
                    let at = sector as usize * SECTOR_SIZE;
                    assert!(back == model[at..at + bytes], "{step:?}");
                }
                result
            }
            Step::Write(_, _, byte) => {
                let data: Vec<u8> = (0..bytes).map(|at| byte.wrapping_add(at as u8)).collect();
                if fits {
                    let at = sector as usize * SECTOR_SIZE;
                    model[at..at + bytes].copy_from_slice(&data);
                }
                disk.write(sector, &data)
            }
        };
        match result {
            Ok(()) => assert!(fits, "{step:?}"),
            Err(DiskError::OutOfRange { sectors, .. }) => assert!(!fits && sectors == SECTORS),
            Err(other) => panic!("{step:?}: {other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_disks_hold_what_an_array_would(steps in proptest::collection::vec(step(), 1..40)) {
        run(&mut MemoryDisk::new(SECTORS), &steps);
        run(&mut FaultyDisk::new(MemoryDisk::new(SECTORS), Vec::new()), &steps);
        let folder = tempfile::tempdir().unwrap();
        let mut file = FileDisk::create(&folder.path().join("disk"), SECTORS).unwrap();
        run(&mut file, &steps);
    }
}

#[test]
#[should_panic(expected = "not whole sectors")]
fn a_transfer_is_a_whole_number_of_sectors() {
    let _ = MemoryDisk::new(8).read(0, &mut [0; 100]);
}

#[test]
fn a_transfer_that_would_wrap_is_out_of_range() {
    let result = MemoryDisk::new(8).read(u64::MAX, &mut [0; SECTOR_SIZE]);
    assert!(matches!(result, Err(DiskError::OutOfRange { .. })));
}
