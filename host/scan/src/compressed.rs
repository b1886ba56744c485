//! Compressed streams, told by their first bytes.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Read};

/// What unpacking an xz stream may take; the largest preset of `xz` asks for a dictionary of 64 MiB.
const MAX_XZ_KIB: u32 = 96 << 10;

/// The bytes of a gzip, zstd, xz or bzip2 stream, or of what is none of them.
pub(crate) fn decompressed<'r>(mut reader: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    let mut front = [0; 6];
    let n = read_up_to(&mut reader, &mut front)?;
    let whole = io::Cursor::new(front[..n].to_vec()).chain(reader);
    Ok(match front {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Box::new(ZstdFrames { source: whole, decoder: FrameDecoder::new() })
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0] => {
            Box::new(lzma_rust2::XzReader::new_mem_limit(whole, true, MAX_XZ_KIB))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Box::new(bzip2::read::MultiBzDecoder::new(whole)),
        _ => Box::new(whole),
    })
}

/// All frames of a zstd stream, one behind the other: layers that can be pulled in chunks have one a file, and frames to
/// be passed over between them.
struct ZstdFrames<R> {
    source: R,
    /// Of the current frame; before the first one it is at an end.
    decoder: FrameDecoder,
}

impl<R: Read> ZstdFrames<R> {
    /// Reads the next frame's header; false: there is none.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let mut magic = [0; 4];
            if read_up_to(&mut self.source, &mut magic)? == 0 {
                return Ok(false);
            }
            if !matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
                let header = magic.chain(&mut self.source);
                return self.decoder.init(header).map(|()| true).map_err(io::Error::other);
            }
            let mut len = [0; 4];
            self.source.read_exact(&mut len)?;
            let len = u64::from(u32::from_le_bytes(len));
            io::copy(&mut (&mut self.source).take(len), &mut io::sink())?;
        }
    }
}

impl<R: Read> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if !self.decoder.is_finished() {
                let some = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, some).map_err(io::Error::other)?;
            } else if !self.begin()? {
                return Ok(0);
            }
        }
        self.decoder.read(buffer)
    }
}

/// Fills as much of a buffer as there is to read.
pub(crate) fn read_up_to(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `layer` as the tool of that name compresses it.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbI\xacL-\xe2\x02\x00\xc8$Q\xcf\x06\x00\x00\x00";
    const ZSTD: &[u8] = b"(\xb5/\xfd\x04X1\x00\x00layer\x0a|\x97\xb0\x94";
    const XZ: &[u8] = b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\x01\x00\x05layer\x0a\x00\x00\x00\xaf\x91\x80\xdcq\xe5A\xc0\x00\x01\x1e\x06\xc1/\xa4\x1d\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ";
    const BZIP2: &[u8] = b"BZh91AY&SY\xd8!=\x1b\x00\x00\x01\xc1\x80\x00\x10\x22\x04\x10  \x00\x22\x18h0\x0bH\x18]\xc9\x14\xe1BC`\x84\xf4l";

    /// By `pzstd`, which begins with a frame to be passed over.
    const PZSTD: &[u8] =
        b"P*M\x18\x04\x00\x00\x00\x13\x00\x00\x00(\xb5/\xfd\x04X1\x00\x00layer\x0a|\x97\xb0\x94";

    /// Two frames with one between them that says nothing.
    const ZSTD_FRAMES: &[u8] = b"(\xb5/\xfd\x04X\x19\x00\x00lay\xa8\xdc\xc9\xcbZ*M\x18\x03\x00\x00\x00abc(\xb5/\xfd\x04X\x19\x00\x00er\x0aG\x0d\xcd\xc2";

    /// The same with a dictionary of a gigabyte.
    const XZ_OF_A_LARGE_DICTIONARY: &[u8] = b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01$\x00\x00\x00^\x1f\xc7\xf9\x01\x00\x05layer\x0a\x00\x00\x00\xaf\x91\x80\xdcq\xe5A\xc0\x00\x01\x1e\x06\xc1/\xa4\x1d\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ";

    fn check(stream: &[u8], content: &[u8]) {
        let mut bytes = Vec::new();
        decompressed(Box::new(stream)).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, content);
    }

    #[test]
    fn what_a_stream_is_its_first_bytes_say() {
        for stream in [GZIP, ZSTD, PZSTD, ZSTD_FRAMES, XZ, BZIP2] {
            check(stream, b"layer\n");
        }
        check(b"layer\n", b"layer\n");
        check(b"", b"");
        check(b"BZ", b"BZ");
    }

    #[test]
    fn a_dictionary_that_takes_too_much_is_refused() {
        let mut bytes = Vec::new();
        let error =
            decompressed(Box::new(XZ_OF_A_LARGE_DICTIONARY)).unwrap().read_to_end(&mut bytes).unwrap_err();
        assert!(error.to_string().contains("memory"), "{error}");
    }
}
