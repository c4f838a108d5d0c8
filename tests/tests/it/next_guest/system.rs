//! What the system can do to the memory of a process.

use std::fs;
use std::time::Duration;

/// Bytes of a huge page.
pub(super) const HUGE_PAGE: u32 = 2 << 20;

/// The mappings of this process that have one size.
#[derive(Clone, Debug, Default)]
pub(super) struct Mappings {
    size: usize,
    starts: Vec<usize>,
}

impl Mappings {
    /// Finds the readable and writable ones of `size` bytes, of which there is at least one.
    pub(super) fn find(&mut self, size: usize) {
        self.size = size;
        self.starts.clear();
        for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
            let (range, rest) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let (start, end) = (usize::from_str_radix(start, 16).unwrap(), usize::from_str_radix(end, 16).unwrap());
            if end - start == size && rest.starts_with("rw") {
                self.starts.push(start);
            }
        }
        assert!(!self.starts.is_empty(), "no guest has {size} bytes");
    }

    /// Gives the kernel an advice about all of them. One that it does not know is no matter.
    pub(super) fn advise(&self, advice: i32) {
        for &start in &self.starts {
            advise(start, self.size, advice);
        }
    }

    /// Gives an advice about pieces that are smaller than a huge page, and begin within one.
    pub(super) fn advise_parts(&self, advice: i32) {
        for &start in &self.starts {
            for at in (0..self.size).step_by(1 << 20) {
                advise(start + at + (64 << 10), 64 << 10, advice);
            }
        }
    }

    /// Returns where in the guest's memory its huge page with this number begins.
    pub(super) fn huge_page(&self, number: u32) -> u32 {
        let start = self.starts[0];
        let first = start.next_multiple_of(HUGE_PAGE as usize) - start;
        u32::try_from(first).unwrap() + number * HUGE_PAGE
    }

    /// Locks them in memory. Then the kernel takes nothing back.
    pub(super) fn lock(&self) {
        for &start in &self.starts {
            // SAFETY: it changes no content.
            unsafe { libc::mlock(start as *const libc::c_void, self.size) };
        }
    }
}

fn advise(start: usize, length: usize, advice: i32) {
    assert!([libc::MADV_COLD, libc::MADV_PAGEOUT, libc::MADV_HUGEPAGE, libc::MADV_MERGEABLE, libc::MADV_DONTNEED].contains(&advice));
    // SAFETY: none of these changes what is read from memory, but for the last one, which makes
    // zeros of it; the guests' memory is that, as was looked, when it is given.
    unsafe { libc::madvise(start as *mut libc::c_void, length, advice) };
}

/// The kernel's merging of equal pages, for as long as this lives, where the test may turn it on.
pub(super) struct Merging(Vec<(&'static str, String)>);

impl Merging {
    pub(super) fn start() -> Self {
        let mut before = Vec::new();
        for (name, value) in [
            ("/sys/kernel/mm/ksm/use_zero_pages", "1"),
            ("/sys/kernel/mm/ksm/pages_to_scan", "100000"),
            ("/sys/kernel/mm/ksm/sleep_millisecs", "0"),
            ("/sys/kernel/mm/ksm/run", "1"),
        ] {
            if let Ok(old) = fs::read_to_string(name)
                && fs::write(name, value).is_ok()
            {
                before.push((name, old));
            }
        }
        Self(before)
    }

    /// Gives it time to merge.
    pub(super) fn wait(&self) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Merging {
    fn drop(&mut self) {
        for (name, old) in self.0.iter().rev() {
            let _ = fs::write(name, old.trim());
        }
    }
}

/// Runs this in a process that is forked, and waits for it.
pub(crate) fn in_a_child(run: impl FnOnce()) {
    // SAFETY: glibc keeps its allocator usable in the child, the runtime has no lock that it waits
    // for there, and the child leaves by `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // A child that waits for ever is ended.
        // SAFETY: it changes nothing but a timer.
        unsafe { libc::alarm(20) };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        // SAFETY: it ends the process.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    let mut status = 0;
    // SAFETY: the place for the status is there.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0), "the child has found something, or ended badly");
}

/// Joins the group of processes with little memory that `LEFTOVERS_GROUP` names, if it does.
pub(super) fn join_group() {
    if let Some(group) = std::env::var("LEFTOVERS_GROUP").ok().filter(|group| !group.is_empty()) {
        fs::write(format!("{group}/cgroup.procs"), std::process::id().to_string()).unwrap();
    }
}
