//! How long disks take, counted in guest work.
//!
//! A transfer is made at once, in host memory; what takes time is told to the kernel, which lets
//! the process that asked sleep until the transfer would be done. A disk does one transfer after
//! the other in the order asked for, so a page that is wanted again while it is on its way out is
//! read after the write is done.
//!
//! # Invariants
//!
//! With no latency nothing ever waits; a frame that a transfer is going on with is not evicted; and
//! what a program reads does not depend on the latency.

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
    /// Disks whose transfers of a page each take `latency` of guest work.
    pub fn new(latency: u64) -> DiskTime {
        DiskTime {
            latency,
            ..DiskTime::default()
        }
    }

    /// The guest work so far, as the process that is served sees it.
    pub fn now(&self) -> u64 {
        self.now
    }

    pub fn set_now(&mut self, now: u64) {
        self.now = now;
    }

    /// Whether transfers take time at all.
    pub fn take_time(&self) -> bool {
        self.latency > 0
    }

    /// Queues a transfer; gives when it will be done.
    pub fn transfer(&mut self, disk: Disk) -> u64 {
        if self.latency == 0 {
            return self.now;
        }
        let free_at = match disk {
            Disk::Swap => &mut self.swap_free_at,
            Disk::Files => &mut self.files_free_at,
        };
        let done = self.now.max(*free_at).saturating_add(self.latency);
        *free_at = done;
        self.wait_until(done);
        done
    }

    /// The process that is served has to wait until `time`.
    pub fn wait_until(&mut self, time: u64) {
        if time > self.now {
            self.wait = Some(self.wait.map_or(time, |wait| wait.max(time)));
        }
    }

    /// Serves on as if the process had slept until it need not wait any more.
    pub fn sleep_here(&mut self) {
        if let Some(wait) = self.wait {
            self.now = self.now.max(wait);
        }
    }

    /// Until when the process that was served has to sleep, if at all.
    pub fn take_wait(&mut self) -> Option<u64> {
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
