//! Where the stack of a thread lies, as the system says.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Returns the addresses of the calling thread's own stack, if the system says them.
#[allow(unsafe_code, reason = "the C library alone knows where a thread's stack lies")]
pub(crate) fn of_this_thread() -> Option<Range<u64>> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the thread is the one that runs this, and there is room for its attributes.
    if unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut start, mut size): (*mut c_void, usize) = (std::ptr::null_mut(), 0);
    // SAFETY: the call above succeeded, and so has initialised the attributes, which are destroyed
    // once.
    let found = unsafe {
        let found = libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut start, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        found
    };
    let (start, size) = (u64::try_from(start.addr()).ok()?, u64::try_from(size).ok()?);
    (found == 0 && start != 0).then(|| start..start.saturating_add(size))
}
