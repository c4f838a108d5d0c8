//! A sandbox with snappy in it.

use sandbox::{Allocation, Sandbox};

use crate::bindings::snappy::{self, Library};
use crate::verify::{at_most, max_compressed, status};
use crate::{Error, Result};

/// The largest block, compressed or not, in bytes.
pub const MAX_BLOCK: u32 = 32 << 20;

/// As much memory as the guest can have, in bytes. Compressing the largest block takes its input, its output and less than 1 MiB.
const MEMORY_LIMIT: u64 = 128 << 20;

/// Snappy in a sandbox of its own, to be used for one block after the other.
///
/// After an error the next use starts with a fresh guest, which takes microseconds; nobody has to think of it.
///
/// # Trust
///
/// A hostile input may take the guest over. It cannot reach the host, but it can falsify what it makes of later inputs. So call
/// [`reset`](Self::reset) between inputs of different parties.
///
/// # Examples
///
/// ```
/// use example_snappy::Snappy;
///
/// let mut snappy = Snappy::new()?;
/// for block in [&b"one"[..], b"two"] {
///     let packed = snappy.compress(block)?;
///     assert_eq!(snappy.decompress(&packed, 100)?, block);
/// }
/// # Ok::<(), example_snappy::Error>(())
/// ```
#[derive(Debug)]
pub struct Snappy {
    sandbox: Sandbox<Library>,
    /// The last block went well, so that there is no reason to distrust the guest.
    well: bool,
}

impl Snappy {
    /// Makes a sandbox and loads snappy into it.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the compiled library does not fit this machine or process.
    ///
    /// # Examples
    ///
    /// ```
    /// let snappy = example_snappy::Snappy::new()?;
    /// # Ok::<(), example_snappy::Error>(())
    /// ```
    pub fn new() -> Result<Self> {
        Ok(Self { sandbox: Sandbox::builder().memory_limit(MEMORY_LIMIT).build()?, well: true })
    }

    /// Replaces the guest by a fresh one, so that nothing of earlier inputs is left.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new). The next use tries again.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut snappy = example_snappy::Snappy::new()?;
    /// snappy.reset()?;
    /// # Ok::<(), example_snappy::Error>(())
    /// ```
    pub fn reset(&mut self) -> Result<()> {
        self.well = false;
        self.sandbox.reset()?;
        self.well = true;
        Ok(())
    }

    /// Compresses a block.
    ///
    /// # Errors
    ///
    /// [`Error::InputTooLarge`] for more than [`MAX_BLOCK`] bytes; [`Error::Sandbox`] and [`Error::Implausible`] if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// let packed = example_snappy::Snappy::new()?.compress(&[7; 100_000])?;
    /// assert!(packed.len() < 5_000);
    /// # Ok::<(), example_snappy::Error>(())
    /// ```
    pub fn compress(&mut self, data: &[u8]) -> Result<Vec<u8>> {
        let length = block_length(data, MAX_BLOCK)?;
        self.used(|sandbox| {
            let room = max_compressed(length);
            let (input, output, size) = (sandbox.copy_in(data)?, sandbox.alloc::<u8>(room)?, sandbox.alloc(1)?);
            sandbox.write(size.as_ptr(), room)?;
            let answer = snappy::snappy_compress(sandbox, input.as_ptr().cast(), length, output.as_ptr().cast(), size.as_ptr())?;
            status("snappy_compress", answer)?;
            let made = at_most("snappy_compress", sandbox.read(size.as_ptr())?, room)?;
            copy_out(sandbox, &output, made)
        })
    }

    /// Decompresses a block into at most `max_output` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] instead of more than `max_output` or [`MAX_BLOCK`] bytes; [`Error::Corrupt`] for what is no block;
    /// [`Error::InputTooLarge`], [`Error::Sandbox`] and [`Error::Implausible`] as for [`compress`](Self::compress).
    ///
    /// # Examples
    ///
    /// ```
    /// use example_snappy::{Error, Snappy};
    ///
    /// let mut snappy = Snappy::new()?;
    /// let bomb = snappy.compress(&vec![0; 10_000_000])?;
    /// assert!(matches!(snappy.decompress(&bomb, 1 << 20), Err(Error::TooLarge { limit: 1_048_576 })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn decompress(&mut self, data: &[u8], max_output: u32) -> Result<Vec<u8>> {
        let length = block_length(data, max_compressed(MAX_BLOCK))?;
        let limit = max_output.min(MAX_BLOCK);
        self.used(|sandbox| {
            let (input, size) = (sandbox.copy_in(data)?, sandbox.alloc(1)?);
            let answer = snappy::snappy_uncompressed_length(sandbox, input.as_ptr().cast(), length, size.as_ptr())?;
            status("snappy_uncompressed_length", answer)?;
            // The block says how long it will be. A hostile one says 4 GiB.
            let room = sandbox.read(size.as_ptr())?.verify(|size| if size <= limit { Ok(size) } else { Err(Error::TooLarge { limit }) })?;
            let output = sandbox.alloc::<u8>(room)?;
            let answer = snappy::snappy_uncompress(sandbox, input.as_ptr().cast(), length, output.as_ptr().cast(), size.as_ptr())?;
            status("snappy_uncompress", answer)?;
            let made = at_most("snappy_uncompress", sandbox.read(size.as_ptr())?, room)?;
            copy_out(sandbox, &output, made)
        })
    }

    /// Uses the guest, a fresh one if the last use failed.
    fn used<T>(&mut self, block: impl FnOnce(&mut Sandbox<Library>) -> Result<T>) -> Result<T> {
        if !self.well {
            self.reset()?;
        }
        self.well = false;
        let result = block(&mut self.sandbox)?;
        self.well = true;
        Ok(result)
    }
}

fn block_length(data: &[u8], limit: u32) -> Result<u32> {
    u32::try_from(data.len()).ok().filter(|length| *length <= limit).ok_or(Error::InputTooLarge { limit })
}

fn copy_out(sandbox: &mut Sandbox<Library>, output: &Allocation<u8, Library>, length: u32) -> Result<Vec<u8>> {
    let bytes = sandbox.copy_out(output.as_ptr(), length)?;
    Ok(bytes.unverified_because("only the length can be checked: any bytes are data, or a block that whoever decompresses it checks"))
}
