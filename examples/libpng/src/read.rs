//! Decoding: a whole file, or a stream piece by piece.

use std::io::{self, Read};
use std::ops::ControlFlow;

use sandbox::{GuestType, Sandbox, Tainted};

use crate::error::{Error, Result, expect, truth};
use crate::guest::{Library, Ptr, png};
use crate::info::{read_info, read_message, read_texts, read_warnings};
use crate::{Info, Limits, PixelFormat};

/// How many bytes of a stream go into the guest at a time.
const PIECE: u32 = 16 << 10;
/// How many bytes of rows come out at a time, roughly.
const BATCH: u32 = 64 << 10;

/// Where the file is.
pub(crate) enum Source<'a> {
    File(&'a [u8]),
    Stream(&'a mut dyn Read),
}

/// Takes rows: the number, counted from 0, and the bytes. Says whether it wants more.
type EachRow<'a> = &'a mut dyn FnMut(u32, &[u8]) -> ControlFlow<()>;

/// One image that is being read.
struct Reader<'a> {
    sb: &'a mut Sandbox<Library>,
    shim: Ptr<png::shim_png>,
}

/// What the host computed about the rows that it wants.
struct Plan {
    info: Info,
    row_bytes: u32,
    passes: i32,
}

/// Reads what is before the pixels.
pub(crate) fn info(sb: &mut Sandbox<Library>, file: &[u8]) -> Result<Info> {
    let reader = Reader::new(sb)?;
    let input = reader.sb.copy_in(file)?;
    let done = png::shim_read_info(reader.sb, reader.shim, &input, input.len())?;
    reader.succeeded(done)?;
    read_info(reader.sb, reader.shim)
}

/// Decodes all rows.
pub(crate) fn decode(
    sb: &mut Sandbox<Library>,
    limits: &Limits,
    source: &mut Source<'_>,
    format: PixelFormat,
    each_row: EachRow<'_>,
) -> Result<Info> {
    let reader = Reader::new(sb)?;
    match source {
        Source::File(file) => reader.decode_file(limits, file, format, each_row),
        Source::Stream(stream) => reader.decode_stream(limits, stream, format, each_row),
    }
}

impl<'a> Reader<'a> {
    /// Starts an image in a sandbox that is fresh. Nothing needs to be freed: the next image gets a fresh one too.
    fn new(sb: &'a mut Sandbox<Library>) -> Result<Self> {
        let shim = png::shim_read_new(sb)?;
        if shim.is_null() {
            let bytes = <png::shim_png as GuestType<Library>>::SIZE.into();
            return Err(sandbox::Error::Allocation { bytes }.into());
        }
        Ok(Self { sb, shim })
    }

    /// Turns the 0 of a shim function into libpng's message.
    fn succeeded(&self, result: Tainted<i32, Library>) -> Result<()> {
        succeeded(self.sb, self.shim, result)
    }

    fn decode_file(mut self, limits: &Limits, file: &[u8], format: PixelFormat, each_row: EachRow<'_>) -> Result<Info> {
        let input = self.sb.copy_in(file)?;
        let done = png::shim_read_info(self.sb, self.shim, &input, input.len())?;
        self.succeeded(done)?;
        let plan = self.plan(limits, format)?;
        // The rows of an interlaced image are complete after the last pass only.
        let batch = if plan.passes > 1 { plan.info.height } else { (BATCH / plan.row_bytes).clamp(1, plan.info.height) };
        let rows = self.sb.alloc::<u8>(plan.bytes_of(batch)?)?;
        let mut y = 0;
        while y < plan.info.height {
            let count = batch.min(plan.info.height - y);
            let done = png::shim_read_rows(self.sb, self.shim, &rows, plan.row_bytes, count, plan.passes)?;
            self.succeeded(done)?;
            if self.hand_out(rows.as_ptr(), &plan, y, count, each_row)?.is_break() {
                return self.finish(plan);
            }
            y += count;
        }
        let done = png::shim_read_end(self.sb, self.shim)?;
        self.succeeded(done)?;
        self.finish(plan)
    }

    fn decode_stream(mut self, limits: &Limits, stream: &mut dyn Read, format: PixelFormat, each_row: EachRow<'_>) -> Result<Info> {
        let done = png::shim_push_begin(self.sb, self.shim)?;
        self.succeeded(done)?;
        let input = self.sb.alloc::<u8>(PIECE)?;
        let mut piece = vec![0; PIECE as usize];
        let plan = loop {
            let bytes = next_piece(stream, &mut piece)?;
            self.push(input.as_ptr(), bytes)?;
            if truth(self.sb.read(self.shim.have_info())?) {
                break self.plan(limits, format)?;
            }
        };
        // An interlaced image is combined in the guest; others come out row by row.
        let whole = if plan.passes > 1 { Some(self.sb.alloc::<u8>(plan.bytes_of(plan.info.height)?)?) } else { None };
        let image = whole.as_ref().map_or_else(Ptr::null, |whole| whole.as_ptr());
        png::shim_push_rows(self.sb, self.shim, image, plan.row_bytes, plan.info.height)?;
        // What libpng put aside when the shim paused it.
        self.push(input.as_ptr(), &[])?;
        let mut y = 0;
        loop {
            if self.drain(&plan, &mut y, each_row)?.is_break() {
                return self.finish(plan);
            }
            if truth(self.sb.read(self.shim.finished())?) {
                break;
            }
            let bytes = next_piece(stream, &mut piece)?;
            self.push(input.as_ptr(), bytes)?;
        }
        if whole.is_some() {
            // Nobody asks for more rows after the last one.
            let _ = self.hand_out(image, &plan, 0, plan.info.height, each_row)?;
        } else if y < plan.info.height {
            return Err(Error::Refused { message: "not enough image data".into() });
        }
        self.finish(plan)
    }

    /// Gives libpng a piece of the file.
    fn push(&mut self, input: Ptr<u8>, bytes: &[u8]) -> Result<()> {
        self.sb.write_bytes(input, bytes)?;
        let done = png::shim_push(self.sb, self.shim, input, bytes.len() as u32)?;
        self.succeeded(done)
    }

    /// Takes the rows that have come so far; `y` is the number of the next one.
    ///
    /// # Trust
    ///
    /// An interlaced image comes as a whole. A guest that gives rows of it as well would give more than the image has.
    fn drain(&mut self, plan: &Plan, y: &mut u32, each_row: EachRow<'_>) -> Result<ControlFlow<()>> {
        let left = if plan.passes > 1 { 0 } else { plan.info.height - *y };
        let count = self.sb.read(self.shim.out_len())?.verify(|bytes| match bytes / plan.row_bytes {
            rows if rows <= left && bytes % plan.row_bytes == 0 => Ok(rows),
            _ => Err(Error::Lied { what: "number of rows" }),
        })?;
        let rows = self.sb.read(self.shim.out())?;
        let flow = self.hand_out(rows, plan, *y, count, each_row)?;
        self.sb.write(self.shim.out_len(), 0)?;
        *y += count;
        Ok(flow)
    }

    /// Chooses libpng's transformations, and holds what comes of them to what the host computes itself.
    ///
    /// # Trust
    ///
    /// Width and height were in PNG's range and are held to the limits here, before anyone allocates rows. The length of a row that libpng
    /// will write has to be the host's; the host uses its own number anyway.
    fn plan(&mut self, limits: &Limits, format: PixelFormat) -> Result<Plan> {
        let header = read_info(self.sb, self.shim)?;
        let pixels = u64::from(header.width) * u64::from(header.height);
        if pixels > limits.pixels {
            return Err(Error::TooLarge { what: "number of pixels", value: pixels, limit: limits.pixels });
        }
        let row_bytes = u64::from(header.width) * u64::from(format.bytes_per_pixel());
        let row_bytes =
            u32::try_from(row_bytes).map_err(|_| Error::TooLarge { what: "row in bytes", value: row_bytes, limit: u32::MAX.into() })?;

        let pixels = match format {
            PixelFormat::Rgba8 => png::SHIM_RGBA8,
            PixelFormat::Rgba16 => png::SHIM_RGBA16,
            PixelFormat::Gray8 => png::SHIM_GRAY8,
        };
        let done = png::shim_read_start(self.sb, self.shim, pixels)?;
        self.succeeded(done)?;
        let said = self.sb.read(self.shim.header())?;
        let passes = expect(said.passes, &if header.interlaced { 7 } else { 1 }, "number of passes")?;
        expect(said.out_channels.widen(), &format.channels(), "number of channels")?;
        expect(said.out_depth.widen(), &format.depth(), "bit depth")?;
        expect(said.out_row_bytes, &row_bytes, "length of a row")?;
        Ok(Plan { info: header, row_bytes, passes })
    }

    /// Copies rows out of the guest, from row `y` on.
    fn hand_out(&self, rows: Ptr<u8>, plan: &Plan, y: u32, count: u32, each_row: EachRow<'_>) -> Result<ControlFlow<()>> {
        if count == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let rows = self.sb.view(rows, plan.bytes_of(count)?)?.unverified_because("every byte is a valid sample of a pixel");
        for (row, number) in rows.chunks_exact(plan.row_bytes as usize).zip(y..) {
            if each_row(number, row).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds what came behind the pixels.
    fn finish(self, plan: Plan) -> Result<Info> {
        let mut info = plan.info;
        let header = self.sb.read(self.shim.header())?;
        (info.texts, info.text_count) = read_texts(self.sb, header.texts, header.text_count)?;
        info.warnings = read_warnings(self.sb, self.shim)?;
        Ok(info)
    }
}

impl Plan {
    /// Returns the size of so many rows in bytes, if a guest can hold them.
    fn bytes_of(&self, rows: u32) -> Result<u32> {
        let bytes = u64::from(self.row_bytes) * u64::from(rows);
        u32::try_from(bytes).map_err(|_| Error::TooLarge { what: "size in bytes", value: bytes, limit: u32::MAX.into() })
    }
}

/// Turns the 0 of a shim function into libpng's message.
pub(crate) fn succeeded(sb: &Sandbox<Library>, shim: Ptr<png::shim_png>, result: Tainted<i32, Library>) -> Result<()> {
    if truth(result) {
        return Ok(());
    }
    Err(Error::Refused { message: read_message(sb, shim.message().cast())? })
}

/// Reads up to a piece; the end of the stream is an early end of the file.
fn next_piece<'p>(stream: &mut dyn Read, piece: &'p mut [u8]) -> Result<&'p [u8]> {
    loop {
        match stream.read(piece) {
            Ok(0) => return Err(Error::Refused { message: "the file ends early".into() }),
            Ok(bytes) => return Ok(piece.get(..bytes).unwrap_or(piece)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A byte as a `u32`: to compare what C returns in a byte with what the host computed.
trait Widen {
    fn widen(self) -> Tainted<u32, Library>;
}

impl Widen for Tainted<u8, Library> {
    fn widen(self) -> Tainted<u32, Library> {
        Tainted::new(self.unverified_because("it is tainted again at once").into())
    }
}

/// What becomes of the host if somebody else writes to the guest's memory, as an attacker who took libpng over would.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Image, Png};

    fn plan(passes: i32, height: u32) -> Plan {
        let mut png = Png::new().unwrap();
        let file = png.encode(&Image::new(4, height, PixelFormat::Gray8, vec![7; 4 * height as usize]).unwrap()).unwrap();
        Plan { info: png.info(&file).unwrap(), row_bytes: 4, passes }
    }

    #[test]
    fn more_rows_than_the_image_has_are_a_lie() {
        let mut sb = Sandbox::<Library>::new().unwrap();
        let mut reader = Reader::new(&mut sb).unwrap();
        // Of 3 rows, 2 came before.
        for (passes, bytes, allowed) in [(1, 4, true), (1, 5, false), (1, 8, false), (1, u32::MAX, false), (7, 4, false), (7, 0, true)] {
            let block = reader.sb.alloc::<u8>(8).unwrap();
            reader.sb.write(reader.shim.out(), block.as_ptr()).unwrap();
            reader.sb.write(reader.shim.out_len(), bytes).unwrap();
            let mut y = 2;
            let result = reader.drain(&plan(passes, 3), &mut y, &mut |_, _| ControlFlow::Continue(()));
            match result {
                Ok(_) => assert!(allowed, "{passes} passes, {bytes} bytes"),
                Err(error) => assert!(!allowed && matches!(error, Error::Lied { what: "number of rows" }), "{error}"),
            }
        }
    }

    #[test]
    fn a_trap_names_the_function_and_the_next_image_is_fine() {
        let mut images = Png::new().unwrap();
        let image = Image::new(2, 2, PixelFormat::Gray8, vec![1, 2, 3, 4]).unwrap();
        let file = images.encode(&image).unwrap();
        let mut sb = Sandbox::<Library>::new().unwrap();
        let reader = Reader::new(&mut sb).unwrap();
        let input = reader.sb.copy_in(&file).unwrap();
        // `png_struct` itself cannot be read, so its place is forged.
        reader.sb.write(reader.shim.png().cast::<u32>(), Tainted::<u32, Library>::new(0xffff_ff00)).unwrap();
        let error = Error::from(png::shim_read_info(reader.sb, reader.shim, &input, input.len()).unwrap_err());
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.starts_with("`shim_read_info` trapped: access outside"), "{cause}");
        assert!(sb.is_poisoned());
        assert_eq!(images.decode(&file, PixelFormat::Gray8).unwrap().pixels(), image.pixels());
    }
}
