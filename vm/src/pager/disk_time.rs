//! How long disks take, counted in guest work.
//!
//! The bytes of a transfer are copied at once, in host memory. Its duration is only simulated: the
//! kernel puts the process that asked to sleep until the transfer would be done. A disk serves
//! transfers in the order of the requests, so a page that is faulted in while it is being written
//! out is read after that write.
//!
//! # Invariants
//!
//! Without latency nothing waits. A frame is not evicted during a transfer. What a program reads
//! does not depend on the latency.

/// Which disk a transfer is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disk {
    Swap,
    Files,
}

/// The disks' queues.
#[derive(Debug, Default)]
pub(crate) struct DiskTime {
    latency: u64,
    now: u64,
    swap_free_at: u64,
    files_free_at: u64,
    wait: Option<u64>,
}

impl DiskTime {
    /// Creates disks on which the transfer of a page takes `latency` of guest work.
    pub(super) fn new(latency: u64) -> DiskTime {
        DiskTime {
            latency,
            ..DiskTime::default()
        }
    }

    /// Returns the guest work so far, as the process that is served sees it.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// Sets the time at which the next transfers are requested.
    pub(super) fn set_now(&mut self, now: u64) {
        self.now = now;
    }

    /// Returns whether transfers take time at all.
    pub(super) fn take_time(&self) -> bool {
        self.latency > 0
    }

    /// Queues a transfer. Returns the time at which it will be done.
    pub(super) fn transfer(&mut self, disk: Disk) -> u64 {
        if self.latency == 0 {
            return self.now;
        }
        let free_at = match disk {
            Disk::Swap => &mut self.swap_free_at,
            Disk::Files => &mut self.files_free_at,
        };
        // One request after the other: it starts when the disk has done those before it.
        let done = self.now.max(*free_at).saturating_add(self.latency);
        *free_at = done;
        self.wait_until(done);
        done
    }

    /// Makes the process that is served wait until `time` at least.
    pub(super) fn wait_until(&mut self, time: u64) {
        if time > self.now {
            // A fault may need both disks, for a victim and for the page: the later one counts.
            self.wait = Some(self.wait.map_or(time, |wait| wait.max(time)));
        }
    }

    /// Continues at the time at which the process has waited long enough. For waits in the middle
    /// of a system call, which cannot be restarted like an instruction.
    pub(super) fn sleep_here(&mut self) {
        // The wait stays set: the kernel must not run the process before that time either.
        if let Some(wait) = self.wait {
            self.now = self.now.max(wait);
        }
    }

    /// Takes the time until which the process that was served has to sleep, if it has to.
    pub(super) fn take_wait(&mut self) -> Option<u64> {
        self.wait.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_on_one_disk_follow_each_other_and_disks_work_side_by_side() {
        let mut time = DiskTime::new(100);
        time.set_now(1000);
        assert_eq!(time.transfer(Disk::Swap), 1100);
        assert_eq!(time.transfer(Disk::Swap), 1200);
        assert_eq!(time.transfer(Disk::Files), 1100);
        assert_eq!(time.take_wait(), Some(1200));
        time.set_now(5000);
        assert_eq!(time.transfer(Disk::Swap), 5100);
    }

    #[test]
    fn the_longest_latency_ends_at_the_end_of_time() {
        let mut time = DiskTime::new(u64::MAX);
        time.set_now(7);
        assert_eq!(time.transfer(Disk::Swap), u64::MAX);
        assert_eq!(time.transfer(Disk::Swap), u64::MAX);
    }

    #[test]
    fn without_latency_nobody_waits() {
        let mut time = DiskTime::new(0);
        time.set_now(7);
        assert_eq!(time.transfer(Disk::Files), 7);
        assert_eq!(time.take_wait(), None);
    }
}
