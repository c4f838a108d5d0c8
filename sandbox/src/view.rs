//! Guest memory without copying: a slice that is decoded as it is read, and a place to write to.

use std::fmt;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;

use crate::abi::{GuestType, InstanceId};

/// Elements in guest memory, borrowed and decoded one at a time. The guest cannot run while it lives.
///
/// # Trust
///
/// Each element is tainted. The length is the host's.
///
/// # Examples
///
/// ```
/// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
/// fn mean<L: Library>(sb: &Sandbox<L>, samples: TaintedPtr<f32, L>) -> Result<f32> {
///     let samples = sb.view_slice(samples, 1024)?;
///     let sum = samples.iter().fold(sandbox::Tainted::new(0.0), |sum, sample| sum + sample);
///     Ok((sum / 1024.0).verify_with(sandbox::rules::finite())?)
/// }
/// ```
pub struct GuestSlice<'a, T, L> {
    bytes: &'a [u8],
    count: usize,
    from: InstanceId,
    element: PhantomData<fn() -> (T, L)>,
}

impl<'a, T: GuestType<L>, L> GuestSlice<'a, T, L> {
    /// Wraps the bytes of `count` elements.
    pub(crate) fn new(bytes: &'a [u8], count: usize, from: InstanceId) -> Self {
        Self { bytes, count, from, element: PhantomData }
    }

    /// Returns the number of elements, which the host chose.
    ///
    /// # Examples
    ///
    /// ```
    /// fn bytes<T: sandbox::GuestType<L>, L>(slice: &sandbox::GuestSlice<'_, T, L>) -> usize { slice.len() * T::SIZE as usize }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Tells whether there are no elements.
    ///
    /// # Examples
    ///
    /// ```
    /// fn some<T: sandbox::GuestType<L>, L>(slice: &sandbox::GuestSlice<'_, T, L>) -> bool { !slice.is_empty() }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Decodes element `index`, or nothing if there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// fn last<T: sandbox::GuestType<L>, L>(slice: &sandbox::GuestSlice<'_, T, L>) -> Option<T::Tainted> {
    ///     slice.get(slice.len().checked_sub(1)?)
    /// }
    /// ```
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T::Tainted> {
        let size = usize::try_from(T::SIZE).ok()?;
        let start = index.checked_mul(size).filter(|_| index < self.count)?;
        Some(T::decode(self.bytes.get(start..start.checked_add(size)?)?, self.from))
    }

    /// Decodes one element after the other.
    ///
    /// # Examples
    ///
    /// ```
    /// fn all<T: sandbox::GuestType<L>, L>(slice: &sandbox::GuestSlice<'_, T, L>) -> Vec<T::Tainted> { slice.iter().collect() }
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T::Tainted> + DoubleEndedIterator {
        (0..self.count).map(|index| {
            // The bytes were sliced to the whole extent, so there is no other way than to the element.
            self.get(index).unwrap_or_else(|| crate::abi::zeroed::<T, L>())
        })
    }
}

/// Says how many there are, not which.
impl<T, L> fmt::Debug for GuestSlice<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestSlice<{}>({} elements)", std::any::type_name::<T>(), self.count)
    }
}

/// A range of guest memory to write to, as a [`Write`] and [`Seek`] of fixed size. What is in it cannot be read.
///
/// # Examples
///
/// ```
/// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
/// use std::io::Write;
///
/// fn greet<L: Library>(sb: &mut Sandbox<L>, line: TaintedPtr<u8, L>) -> Result<bool> {
///     let mut line = sb.writer(line, 80)?;
///     Ok(write!(line, "hello {}", "guest").is_ok())
/// }
/// ```
pub struct GuestWriter<'a>(Cursor<&'a mut [u8]>);

impl<'a> GuestWriter<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self(Cursor::new(bytes))
    }

    /// Fills the range from a reader, without a copy on the way, and returns how many bytes came: fewer than the range has only at the
    /// reader's end.
    ///
    /// # Errors
    ///
    /// The reader's. What it gave before is in the range, behind the position.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
    /// fn load<L: Library>(sb: &mut Sandbox<L>, at: TaintedPtr<u8, L>, file: &mut std::fs::File) -> Result<std::io::Result<usize>> {
    ///     Ok(sb.writer(at, 4096)?.fill_from(file))
    /// }
    /// ```
    pub fn fill_from(&mut self, reader: &mut (impl Read + ?Sized)) -> io::Result<usize> {
        let mut filled: usize = 0;
        loop {
            let start = usize::try_from(self.0.position()).unwrap_or(usize::MAX);
            let Some(room) = self.0.get_mut().get_mut(start..).filter(|room| !room.is_empty()) else { return Ok(filled) };
            // A reader is not to see what the guest left there.
            room.fill(0);
            match reader.read(room) {
                Ok(0) => return Ok(filled),
                Ok(count) => {
                    let count = count.min(room.len());
                    filled = filled.saturating_add(count);
                    self.0.set_position(self.0.position().saturating_add(u64::try_from(count).unwrap_or(u64::MAX)));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl fmt::Debug for GuestWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestWriter({} of {} bytes)", self.0.position(), self.0.get_ref().len())
    }
}

impl Write for GuestWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for GuestWriter<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}
