//! The directory of a 7z archive.

use crate::bytes::{Broken, Cursor, ReadAt};

/// Files, folders and streams of one archive.
const MAX_ITEMS: u64 = 100_000;

#[derive(Debug)]
pub(super) enum Coder {
    Copy,
    /// Properties and the size of the dictionary.
    Lzma(u8, u32),
    Lzma2(u8),
    Deflate,
    Bzip2,
    /// Jumps of x86 programs, made relative.
    Jumps,
    /// Differences at that distance.
    Delta(u8),
    Other(u64),
}

/// What is packed together.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    pub(super) packed_streams: usize,
    /// Unpacked.
    pub(super) size: u64,
    /// Of each coder's output.
    pub(super) sizes: Vec<u64>,
    /// Which input takes which output.
    binds: Vec<(usize, usize)>,
    has_crc: bool,
}

impl Folder {
    /// The coders from the packed stream to the content, with the size of what each makes; none unless they are a
    /// simple chain.
    pub(super) fn chain(&self) -> Option<Vec<(&Coder, u64)>> {
        let mut at =
            (0..self.coders.len()).find(|coder| self.binds.iter().all(|(input, _)| input != coder))?;
        let mut chain = vec![];
        loop {
            chain.push((self.coders.get(at)?, self.sizes.get(at).copied().unwrap_or(0)));
            match self.binds.iter().find(|(_, output)| *output == at) {
                Some((input, _)) if chain.len() < self.coders.len() => at = *input,
                _ => return (chain.len() == self.coders.len() && self.packed_streams == 1).then_some(chain),
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) pack_offset: u64,
    pub(super) pack_sizes: Vec<u64>,
    pub(super) folders: Vec<Folder>,
    /// Sizes of the files in each folder.
    pub(super) sizes: Vec<Vec<u64>>,
}

#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) streams: Streams,
    pub(super) names: Vec<String>,
    /// Which have no content.
    pub(super) empty: Vec<bool>,
}

pub(super) enum Parsed {
    Plain(Header),
    Packed(Streams),
}

type Result<T> = std::result::Result<T, Broken>;

pub(super) fn parse(raw: &dyn ReadAt) -> Result<Parsed> {
    let mut reader = Reader(Cursor::new(raw, 0));
    match reader.byte()? {
        0x17 => Ok(Parsed::Packed(reader.streams()?)),
        0x01 => Ok(Parsed::Plain(reader.header()?)),
        _ => Err(reader.0.broken("the directory is none")),
    }
}

struct Reader<'a>(Cursor<'a>);

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8> {
        self.0.byte()
    }

    /// A number whose first byte says how many follow.
    fn number(&mut self) -> Result<u64> {
        let first = self.byte()?;
        let mut value = 0u64;
        for at in 0..8 {
            let mask = 0x80 >> at;
            if first & mask == 0 {
                let high = u64::from(first & (mask - 1));
                return Ok(value | high << (8 * at));
            }
            value |= u64::from(self.byte()?) << (8 * at);
        }
        Ok(value)
    }

    fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        if count > MAX_ITEMS {
            Err(self.0.broken("the archive has too many items"))
        } else {
            Ok(count as usize)
        }
    }

    fn bits(&mut self, count: usize) -> Result<Vec<bool>> {
        let bytes = self.0.take(count.div_ceil(8))?.to_vec();
        Ok((0..count).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0).collect())
    }

    fn defined(&mut self, count: usize) -> Result<Vec<bool>> {
        if self.byte()? != 0 { Ok(vec![true; count]) } else { self.bits(count) }
    }

    fn digests(&mut self, count: usize) -> Result<()> {
        let defined = self.defined(count)?.into_iter().filter(|is| *is).count();
        self.0.skip(4 * defined as u64)
    }

    fn header(&mut self) -> Result<Header> {
        let mut header = Header::default();
        loop {
            match self.byte()? {
                0x00 => return Ok(header),
                // Properties of the archive.
                0x02 => loop {
                    if self.byte()? == 0 {
                        break;
                    }
                    let size = self.number()?;
                    self.0.skip(size)?;
                },
                0x04 => header.streams = self.streams()?,
                0x05 => self.files(&mut header)?,
                _ => return Err(self.0.broken("the directory has an unknown part")),
            }
        }
    }

    fn streams(&mut self) -> Result<Streams> {
        let mut streams = Streams::default();
        loop {
            match self.byte()? {
                0x00 => break,
                0x06 => {
                    streams.pack_offset = self.number()?;
                    let count = self.count()?;
                    loop {
                        match self.byte()? {
                            0x00 => break,
                            0x09 => {
                                streams.pack_sizes =
                                    (0..count).map(|_| self.number()).collect::<Result<_>>()?
                            }
                            0x0a => self.digests(count)?,
                            _ => return Err(self.0.broken("the packed streams have an unknown part")),
                        }
                    }
                }
                0x07 => streams.folders = self.folders()?,
                0x08 => self.parts(&mut streams)?,
                _ => return Err(self.0.broken("the streams have an unknown part")),
            }
        }
        if streams.sizes.is_empty() {
            streams.sizes = streams.folders.iter().map(|folder| vec![folder.size]).collect();
        }
        Ok(streams)
    }

    fn folders(&mut self) -> Result<Vec<Folder>> {
        if self.byte()? != 0x0b {
            return Err(self.0.broken("there are no folders"));
        }
        let count = self.count()?;
        if self.byte()? != 0 {
            return Err(self.0.broken("the folders stand elsewhere"));
        }
        let mut folders = vec![];
        let mut outputs = vec![];
        for _ in 0..count {
            let (folder, n_outputs, main) = self.folder()?;
            folders.push(folder);
            outputs.push((n_outputs, main));
        }
        loop {
            match self.byte()? {
                0x00 => return Ok(folders),
                0x0c => {
                    for (folder, (n_outputs, main)) in folders.iter_mut().zip(&outputs) {
                        for output in 0..*n_outputs {
                            let size = self.number()?;
                            folder.sizes.push(size);
                            if output == *main {
                                folder.size = size;
                            }
                        }
                    }
                }
                0x0a => {
                    let defined = self.defined(folders.len())?;
                    self.0.skip(4 * defined.iter().filter(|is| **is).count() as u64)?;
                    folders.iter_mut().zip(defined).for_each(|(folder, is)| folder.has_crc = is);
                }
                _ => return Err(self.0.broken("the folders have an unknown part")),
            }
        }
    }

    fn folder(&mut self) -> Result<(Folder, usize, usize)> {
        let n_coders = self.count()?;
        if n_coders == 0 || n_coders > 32 {
            return Err(self.0.broken("a folder has an impossible number of coders"));
        }
        let (mut coders, mut inputs, mut outputs) = (vec![], 0usize, 0usize);
        for _ in 0..n_coders {
            let flags = self.byte()?;
            let id =
                self.0.take((flags & 0xf).into())?.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
            let (n_in, n_out) = if flags & 0x10 != 0 { (self.count()?, self.count()?) } else { (1, 1) };
            inputs = inputs.saturating_add(n_in);
            outputs = outputs.saturating_add(n_out);
            let size = if flags & 0x20 != 0 { self.count()? } else { 0 };
            let properties = self.0.take(size)?;
            coders.push(match (id, properties) {
                (0, _) => Coder::Copy,
                (0x03_0101, [props, a, b, c, d]) => Coder::Lzma(*props, u32::from_le_bytes([*a, *b, *c, *d])),
                (0x21, [bits]) => Coder::Lzma2(*bits),
                (0x04_0108, _) => Coder::Deflate,
                (0x04_0202, _) => Coder::Bzip2,
                (0x0303_0103 | 4, _) => Coder::Jumps,
                (3, [distance]) => Coder::Delta(*distance),
                _ => Coder::Other(id),
            });
        }
        if inputs > 64 || outputs > 64 {
            return Err(self.0.broken("a folder has too many streams"));
        }
        let n_binds = outputs.saturating_sub(1);
        let mut binds = vec![];
        for _ in 0..n_binds {
            binds.push((self.number()? as usize, self.number()? as usize));
        }
        let packed_streams = inputs.saturating_sub(n_binds);
        if packed_streams > 1 {
            for _ in 0..packed_streams {
                self.number()?;
            }
        }
        // The output that no other coder takes.
        let main = (0..outputs).find(|output| binds.iter().all(|(_, bound)| bound != output)).unwrap_or(0);
        Ok((Folder { coders, packed_streams, size: 0, sizes: vec![], binds, has_crc: false }, outputs, main))
    }

    fn parts(&mut self, streams: &mut Streams) -> Result<()> {
        let mut counts = vec![1usize; streams.folders.len()];
        let mut kind = self.byte()?;
        if kind == 0x0d {
            for count in &mut counts {
                *count = self.count()?;
            }
            kind = self.byte()?;
        }
        if counts.iter().sum::<usize>() as u64 > MAX_ITEMS {
            return Err(self.0.broken("the archive has too many items"));
        }
        let has_sizes = kind == 0x09;
        for (folder, count) in streams.folders.iter().zip(&counts) {
            let mut sizes = vec![];
            let mut left = folder.size;
            for _ in 1..*count {
                let size = if has_sizes { self.number()? } else { 0 };
                left = left.saturating_sub(size);
                sizes.push(size);
            }
            if *count > 0 {
                sizes.push(left);
            }
            streams.sizes.push(sizes);
        }
        if has_sizes {
            kind = self.byte()?;
        }
        loop {
            match kind {
                0x00 => return Ok(()),
                0x0a => {
                    let unknown = streams.folders.iter().zip(&counts);
                    let unknown = unknown
                        .map(|(folder, count)| if *count == 1 && folder.has_crc { 0 } else { *count })
                        .sum();
                    self.digests(unknown)?;
                }
                _ => return Err(self.0.broken("the parts of a folder have an unknown part")),
            }
            kind = self.byte()?;
        }
    }

    fn files(&mut self, header: &mut Header) -> Result<()> {
        let count = self.count()?;
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                break;
            }
            let size = self.number()?;
            let end = self.0.at().saturating_add(size);
            if size > self.0.left() {
                return Err(self.0.broken("the list of files ends early"));
            }
            match kind {
                0x0e => header.empty = self.bits(count)?,
                0x11 if self.byte()? == 0 => {
                    let raw = self.0.take(end.saturating_sub(self.0.at()) as usize)?;
                    let units: Vec<u16> =
                        raw.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                    header.names =
                        units.split(|unit| *unit == 0).take(count).map(String::from_utf16_lossy).collect();
                }
                _ => {}
            }
            self.0.seek(end);
        }
        header.names.resize(count, String::new());
        Ok(())
    }
}
