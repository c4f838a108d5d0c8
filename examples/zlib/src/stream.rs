//! One stream through `deflate` or `inflate`, and the verification of everything that they answer.
//!
//! The host counts on its own what is in the guest's buffers, and takes nothing out of the guest but three numbers per call:
//! the return code, and how many bytes of each buffer are left. All are checked against what was given. The guest's own
//! pointers and totals are never read.

use sandbox::{GuestType, Tainted, TaintedPtr};

use crate::bindings::zlib::{self, Library};
use crate::context::{CHUNK, Zlib};
use crate::{Error, Format, Level, Result, verify};
use verify::Code;

/// `deflate` fills its output but for a few bytes into which no block fits.
const SLACK: u32 = 16;

/// Which of the two, and what the checks need to know about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Deflate,
    Inflate,
}

/// What a step shall do beside using up input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// Nothing: compress as well as possible.
    None,
    /// Make all output available that depends on the input so far.
    Sync,
    /// End the stream.
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Closed,
    Failed,
}

/// A stream in a guest. The host's half: all numbers here are the host's own.
#[derive(Debug)]
pub(crate) struct Stream {
    direction: Direction,
    format: Format,
    state: State,
    /// Bytes in the guest's input buffer, and how many of them are used up.
    staged: u32,
    taken: u32,
    /// Room that the last step had in the guest's output buffer, what it put there, and how much of that was fetched.
    room: u32,
    made: u32,
    fetched: u32,
    total_in: u64,
    total_out: u64,
    /// Where in the input this stream began: behind the streams of before.
    began: u64,
    flushes: u64,
}

impl Stream {
    /// Begins to compress.
    pub(crate) fn deflate(zlib: &mut Zlib, format: Format, level: Level) -> Result<Self> {
        let stream = Self::begin(zlib, format, Direction::Deflate)?;
        // The values that `deflateInit` has: all memory that helps, no assumption about the data.
        const MEM_LEVEL: i32 = 8;
        let (strm, version) = (&zlib.memory.stream, &zlib.memory.version);
        let size = i32::try_from(<zlib::z_stream as GuestType<Library>>::SIZE).unwrap_or(i32::MAX);
        let code = zlib::deflateInit2_(
            &mut zlib.sandbox,
            strm,
            i32::from(level.get()),
            zlib::Z_DEFLATED,
            format.window_bits(),
            MEM_LEVEL,
            zlib::Z_DEFAULT_STRATEGY,
            version,
            size,
        )?;
        verify::done("deflateInit2_", code)?;
        Ok(stream)
    }

    /// Begins to decompress.
    pub(crate) fn inflate(zlib: &mut Zlib, format: Format) -> Result<Self> {
        let stream = Self::begin(zlib, format, Direction::Inflate)?;
        let (strm, version) = (&zlib.memory.stream, &zlib.memory.version);
        let size = i32::try_from(<zlib::z_stream as GuestType<Library>>::SIZE).unwrap_or(i32::MAX);
        let code = zlib::inflateInit2_(&mut zlib.sandbox, strm, format.window_bits(), version, size)?;
        verify::done("inflateInit2_", code)?;
        Ok(stream)
    }

    fn begin(zlib: &mut Zlib, format: Format, direction: Direction) -> Result<Self> {
        zlib.rest()?;
        zlib.at_rest = false;
        // No memory functions of its own, no input yet.
        zlib.sandbox.write(zlib.memory.stream.as_ptr(), zlib::z_stream::zeroed())?;
        Ok(Self {
            direction,
            format,
            state: State::Open,
            staged: 0,
            taken: 0,
            room: 0,
            made: 0,
            fetched: 0,
            total_in: 0,
            total_out: 0,
            began: 0,
            flushes: 0,
        })
    }

    /// Copies as much of `bytes` into the guest as there is room for, and returns how much that is.
    pub(crate) fn stage(&mut self, zlib: &mut Zlib, bytes: &[u8]) -> Result<usize> {
        if self.taken == self.staged {
            (self.taken, self.staged) = (0, 0);
        }
        let count = CHUNK.saturating_sub(self.staged).min(u32::try_from(bytes.len()).unwrap_or(CHUNK));
        let bytes = &bytes[..count as usize];
        zlib.sandbox.write_bytes(zlib.memory.input.as_ptr().add(self.staged), bytes)?;
        self.staged += count;
        Ok(bytes.len())
    }

    /// Calls the guest once. Output of before that was not fetched is lost.
    ///
    /// # Trust
    ///
    /// The guest chooses the code and the two counts. What is checked: the code is one of zlib's; it has used up no more input
    /// than there was, and made no more output than there was room for; it made progress if it could; it ended only when it may, and behind
    /// at least as much input as the shortest stream has;
    /// and so far it made no more output than the format can hold. So every loop around this ends.
    pub(crate) fn step(&mut self, zlib: &mut Zlib, flush: Flush, room: u32) -> Result<()> {
        self.require_working()?;
        let result = self.call(zlib, flush, room.min(CHUNK));
        if result.is_err() {
            self.state = State::Failed;
        }
        result
    }

    fn call(&mut self, zlib: &mut Zlib, flush: Flush, room: u32) -> Result<()> {
        let given = self.pending();
        let (sandbox, memory) = (&mut zlib.sandbox, &zlib.memory);
        let strm = memory.stream.as_ptr();
        sandbox.write(strm.next_in(), memory.input.as_ptr().add(self.taken))?;
        sandbox.write(strm.avail_in(), given)?;
        sandbox.write(strm.next_out(), memory.output.as_ptr())?;
        sandbox.write(strm.avail_out(), room)?;
        let (function, code) = match self.direction {
            Direction::Deflate => ("deflate", zlib::deflate(sandbox, strm, flush.code())?),
            Direction::Inflate => ("inflate", zlib::inflate(sandbox, strm, flush.code())?),
        };
        let code = verify::code(function, code)?;
        let used = given - verify::at_most(function, "more input left than it was given", sandbox.read(strm.avail_in())?, given)?;
        let made = room - verify::at_most(function, "more room left than it was given", sandbox.read(strm.avail_out())?, room)?;
        self.taken += used;
        (self.room, self.made, self.fetched) = (room, made, 0);
        self.total_in += u64::from(used);
        self.total_out += u64::from(made);
        self.flushes += u64::from(flush == Flush::Sync);
        let slack = if self.direction == Direction::Deflate { SLACK } else { 0 };
        let implausible = |what| Err(Error::Implausible { function, what });
        if self.total_out > self.most_output() {
            return implausible("more output than the input can stand for");
        }
        match (self.direction, code) {
            // zlib goes on until the input is used up or the output is full, and to the end if it is told to finish. A guest that stopped before that
            // could make of a kilobyte a million calls, each with the whole of a deadline.
            (_, Code::Ok | Code::BufError) if (used < given || flush == Flush::Finish) && room - made > slack => {
                implausible("input left although there was room")
            }
            (_, Code::Ok | Code::BufError) if given > 0 && used == 0 && made == 0 => implausible("neither progress nor an end"),
            (_, Code::Ok | Code::BufError) => Ok(()),
            (Direction::Deflate, Code::StreamEnd) if flush != Flush::Finish || used != given => implausible("an end before the end"),
            (Direction::Inflate, Code::StreamEnd) if self.total_in - self.began < self.format.least_bytes() => {
                implausible("an end before a stream can end")
            }
            (_, Code::StreamEnd) => {
                self.state = State::Ended;
                Ok(())
            }
            (_, Code::MemError) => Err(Error::OutOfMemory),
            (Direction::Inflate, Code::DataError) => {
                Err(Error::Corrupt { format: self.format, offset: self.total_in, reason: self.reason(zlib) })
            }
            (Direction::Inflate, Code::NeedDict) if self.format == Format::Zlib => Err(Error::NeedsDictionary),
            (_, Code::NeedDict | Code::DataError) => implausible("a return code that has no meaning here"),
        }
    }

    /// The most output that the format has for the input so far.
    fn most_output(&self) -> u64 {
        match self.direction {
            // A match of 258 bytes takes at least a bit for its length and one for its distance.
            Direction::Inflate => self.total_in.saturating_mul(258 * 4),
            // Nine bits a byte, if zlib is unlucky with its choice; headers; and at each flush an empty block.
            Direction::Deflate => self.total_in.saturating_add(self.total_in / 4).saturating_add(64 * (self.flushes + 1)),
        }
    }

    /// Finds zlib's message in the list of its messages, so that no byte of the guest gets into an error.
    fn reason(&self, zlib: &Zlib) -> &'static str {
        let message = zlib.sandbox.read(zlib.memory.stream.as_ptr().msg());
        let text = message.and_then(|message: TaintedPtr<i8, Library>| zlib.sandbox.read_c_str(message, verify::LONGEST_REASON));
        text.map_or(verify::NO_REASON, |text: Tainted<_, _>| text.verify(|text| verify::reason(&text)).unwrap_or(verify::NO_REASON))
    }

    /// Returns the output of the last step that was not fetched.
    ///
    /// It lies in the guest's buffer, which the guest cannot change before the next call.
    pub(crate) fn output<'a>(&self, zlib: &'a Zlib) -> Result<&'a [u8]> {
        let rest = zlib.sandbox.view(zlib.memory.output.as_ptr().add(self.fetched), self.unfetched())?;
        Ok(rest.unverified_because("any bytes can be the content of a stream"))
    }

    /// Marks `count` bytes of the output as fetched.
    pub(crate) fn fetch(&mut self, count: usize) {
        self.fetched += self.unfetched().min(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Prepares for another stream of the same format behind the one that ended.
    pub(crate) fn again(&mut self, zlib: &mut Zlib) -> Result<()> {
        let code = zlib::inflateReset(&mut zlib.sandbox, &zlib.memory.stream)?;
        verify::done("inflateReset", code)?;
        self.began = self.total_in;
        self.state = State::Open;
        Ok(())
    }

    /// Gives back what zlib allocated for a stream that ended, after which the guest is at rest.
    pub(crate) fn close(&mut self, zlib: &mut Zlib) -> Result<()> {
        self.state = State::Failed;
        let (sandbox, strm) = (&mut zlib.sandbox, &zlib.memory.stream);
        match self.direction {
            Direction::Deflate => verify::done("deflateEnd", zlib::deflateEnd(sandbox, strm)?)?,
            Direction::Inflate => verify::done("inflateEnd", zlib::inflateEnd(sandbox, strm)?)?,
        }
        self.state = State::Closed;
        zlib.at_rest = true;
        Ok(())
    }

    /// Makes every later step an error.
    pub(crate) fn fail(&mut self) {
        self.state = State::Failed;
    }

    /// Refuses to go on after a failure.
    pub(crate) fn require_working(&self) -> Result<()> {
        if self.state == State::Failed { Err(Error::Failed) } else { Ok(()) }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Bytes of input in the guest that it has not used up.
    pub(crate) fn pending(&self) -> u32 {
        self.staged - self.taken
    }

    /// Bytes of input that the guest has used up, since its buffer was filled anew.
    pub(crate) fn taken(&self) -> usize {
        self.taken as usize
    }

    /// Tells whether the guest's input buffer has no room left.
    pub(crate) fn is_stuffed(&self) -> bool {
        self.staged == CHUNK
    }

    /// Bytes of output that were not fetched.
    pub(crate) fn unfetched(&self) -> u32 {
        self.made - self.fetched
    }

    /// Tells whether the last step used all room that it had, so that the guest may hold back more.
    pub(crate) fn was_full(&self) -> bool {
        self.room > 0 && self.made == self.room
    }

    pub(crate) fn total_in(&self) -> u64 {
        self.total_in
    }

    pub(crate) fn total_out(&self) -> u64 {
        self.total_out
    }
}

impl Flush {
    fn code(self) -> i32 {
        match self {
            Self::None => zlib::Z_NO_FLUSH,
            Self::Sync => zlib::Z_SYNC_FLUSH,
            Self::Finish => zlib::Z_FINISH,
        }
    }
}

/// What becomes of the host if somebody else writes to the guest's memory, as an attacker who took zlib over would.
#[cfg(test)]
mod tests {
    use sandbox::TrapKind;

    use super::*;

    /// The state of `inflate` that stands for the end of a stream, in the word behind the pointer to the stream.
    const DONE: u32 = 16208;

    fn started(zlib: &mut Zlib, format: Format) -> (Stream, TaintedPtr<u32, Library>) {
        let stream = Stream::inflate(zlib, format).unwrap();
        let state = zlib.sandbox.read(zlib.memory.stream.as_ptr().state()).unwrap().cast::<u32>();
        (stream, state)
    }

    #[test]
    fn an_end_before_a_stream_can_end_is_implausible() {
        for format in Format::ALL {
            let mut zlib = Zlib::new().unwrap();
            let (mut stream, state) = started(&mut zlib, format);
            let mode = zlib.sandbox.read(state.add(1)).unwrap().unverified_because("the test checks that it knows zlib");
            assert!((16180..=DONE).contains(&mode), "{mode}");
            zlib.sandbox.write(state.add(1), DONE).unwrap();
            stream.stage(&mut zlib, &[0; 100]).unwrap();
            let error = stream.step(&mut zlib, Flush::None, 100).unwrap_err();
            assert!(matches!(error, Error::Implausible { function: "inflate", .. }), "{error}");
            assert!(matches!(stream.step(&mut zlib, Flush::None, 100), Err(Error::Failed)));
        }
    }

    #[test]
    fn a_trap_costs_the_stream_and_no_other() {
        let mut zlib = Zlib::new().unwrap();
        let (mut stream, state) = started(&mut zlib, Format::Zlib);
        let outside = Tainted::<u32, Library>::new(0xffff_fff0);
        zlib.sandbox.write(zlib.memory.stream.as_ptr().state().cast::<u32>(), outside).unwrap();
        assert!(!state.is_null());
        stream.stage(&mut zlib, &[0; 100]).unwrap();
        let error = stream.step(&mut zlib, Flush::None, 100).unwrap_err();
        let Error::Sandbox(sandbox::Error::Trap(trap)) = &error else { panic!("{error}") };
        assert_eq!((trap.function(), trap.kind()), ("inflate", TrapKind::OutOfBounds));
        let packed = zlib.compress(b"next", Format::Zlib, Level::DEFAULT).unwrap();
        assert_eq!(zlib.decompress(&packed, Format::Zlib, 10).unwrap(), b"next");
    }
}
