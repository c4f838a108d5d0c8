//! A parent that puts its own answers in the place of the kernel's: the ones for pages that are
//! swapped out, say, without a swap.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;

use libc::{c_int, c_long, c_void, pid_t};

/// `_IOWR('f', 16, struct pm_scan_arg)` of `linux/fs.h`, and where that struct has `end` and
/// `walk_end`.
const PAGEMAP_SCAN: u64 = 0xc060_6610;
const END: u64 = 24;
const WALK_END: u64 = 32;

/// By so many bytes a guest grows, and nobody else changes the protection of so many.
pub(super) const GROWTH: u64 = 77 << 16;

/// What the kernel is made to say of pages, whatever is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    NothingIsPresent,
    EverythingIsPresent,
    /// And a change of a guest's protection has failed, after it was made: as if for a part of it.
    NothingIsProtected,
}

/// Runs a program that is lied to; returns its status as `waitpid` has it, and how many lies it was
/// told.
#[allow(clippy::zombie_processes, reason = "`waitpid` waits for it")]
pub(super) fn run(command: &mut Command, lie: Lie) -> (c_int, usize) {
    // SAFETY: the call between fork and exec is one of the system, which changes nothing of this
    // process.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, ptr::null_mut::<c_void>(), ptr::null_mut::<c_void>()) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
    let child = command.spawn().expect("a program that is traced, which some containers forbid");
    let child = pid_t::try_from(child.id()).unwrap();
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_EXITKILL;
    let (mut begun, mut inside, mut lies) = (false, HashSet::new(), 0);
    loop {
        let mut status = 0;
        // SAFETY: the place for the status is there.
        let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL) };
        assert!(thread > 0, "the program is gone");
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            if thread == child {
                return (status, lies);
            }
            continue;
        }
        if !begun {
            begun = true;
            // SAFETY: the thread is stopped, and there is no pointer among the arguments.
            unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, thread, 0_usize, usize::try_from(options).unwrap()) };
        }
        let mut signal = libc::WSTOPSIG(status);
        if signal == libc::SIGTRAP | 0x80 {
            if inside.remove(&thread) {
                lies += usize::from(answer(thread, lie));
            } else {
                inside.insert(thread);
            }
            signal = 0;
        } else if signal == libc::SIGTRAP || signal == libc::SIGSTOP {
            // Of the tracing itself.
            signal = 0;
        }
        // SAFETY: the thread is stopped, and there is no pointer among the arguments.
        unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread, 0_usize, c_long::from(signal)) };
    }
}

/// Replaces the answer of a call that says which pages there are, if it is one.
fn answer(thread: pid_t, lie: Lie) -> bool {
    // SAFETY: numbers alone, for which zeros are a value; the kernel fills them in.
    let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the thread is stopped, and the place for its registers is there.
    unsafe { libc::ptrace(libc::PTRACE_GETREGS, thread, ptr::null_mut::<c_void>(), &raw mut registers) };
    let memory = || OpenOptions::new().read(true).write(true).open(format!("/proc/{thread}/mem")).unwrap();
    let call = c_long::try_from(registers.orig_rax).unwrap_or(-1);
    if call == libc::SYS_mincore && registers.rax == 0 {
        let pages = usize::try_from(registers.rsi.div_ceil(4096)).unwrap();
        let entries = vec![u8::from(lie == Lie::EverythingIsPresent); pages];
        memory().write_all_at(&entries, registers.rdx).unwrap();
        true
    } else if call == libc::SYS_ioctl && registers.rsi == PAGEMAP_SCAN && lie == Lie::NothingIsPresent {
        // All was looked at, and no region found.
        let memory = memory();
        let mut end = [0; 8];
        memory.read_exact_at(&mut end, registers.rdx + END).unwrap();
        memory.write_all_at(&end, registers.rdx + WALK_END).unwrap();
        registers.rax = 0;
        // SAFETY: as above.
        unsafe { libc::ptrace(libc::PTRACE_SETREGS, thread, ptr::null_mut::<c_void>(), &raw mut registers) };
        true
    } else if call == libc::SYS_mprotect && lie == Lie::NothingIsProtected && registers.rax == 0 && registers.rsi == GROWTH {
        registers.rax = u64::from_ne_bytes(i64::from(-libc::ENOMEM).to_ne_bytes());
        // SAFETY: as above.
        unsafe { libc::ptrace(libc::PTRACE_SETREGS, thread, ptr::null_mut::<c_void>(), &raw mut registers) };
        true
    } else {
        false
    }
}
