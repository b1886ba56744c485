//! Decompression within caps: piece by piece, so that a bomb is noticed while it is small.

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use inventar_model::HttpError;
use std::io::Write;

/// So much may be produced whatever the ratio.
const FREE: u64 = 1 << 20;
/// The most that is fed at once, so that what it becomes stays small, too.
const STEP: usize = 4 << 10;

/// Undoes a content encoding.
pub(crate) struct Decoder {
    kind: Kind,
    came: u64,
    produced: u64,
    cap: u64,
    ratio: u64,
}

enum Kind {
    Plain,
    Gzip(MultiGzDecoder<Vec<u8>>),
    /// `deflate` is zlib by the standard, and bare in some servers: the first byte tells.
    Deflate,
    Zlib(ZlibDecoder<Vec<u8>>),
    Bare(DeflateDecoder<Vec<u8>>),
}

impl Decoder {
    /// By the header's value; `cap` bounds both sides.
    pub(crate) fn new(encoding: Option<&str>, cap: u64, ratio: u64) -> Result<Self, HttpError> {
        let kind = match encoding.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Kind::Plain,
            Some("gzip" | "x-gzip") => Kind::Gzip(MultiGzDecoder::new(vec![])),
            Some("deflate") => Kind::Deflate,
            Some(_) => {
                return Err(HttpError::Other("the answer is encoded in a way that was not asked for".into()));
            }
        };
        Ok(Self { kind, came: 0, produced: 0, cap, ratio })
    }

    pub(crate) fn came(&self) -> u64 {
        self.came
    }

    /// The next piece.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, HttpError> {
        let mut out = vec![];
        for step in piece.chunks(STEP) {
            self.came += step.len() as u64;
            if matches!(self.kind, Kind::Deflate) {
                let zlib = step[0] & 0x0f == 8 && step[0] >> 4 <= 7;
                self.kind = if zlib {
                    Kind::Zlib(ZlibDecoder::new(vec![]))
                } else {
                    Kind::Bare(DeflateDecoder::new(vec![]))
                };
            }
            let produced = match &mut self.kind {
                Kind::Plain | Kind::Deflate => step.to_vec(),
                Kind::Gzip(decoder) => fed(decoder, step, MultiGzDecoder::get_mut)?,
                Kind::Zlib(decoder) => fed(decoder, step, ZlibDecoder::get_mut)?,
                Kind::Bare(decoder) => fed(decoder, step, DeflateDecoder::get_mut)?,
            };
            self.account(&produced)?;
            out.extend(produced);
        }
        Ok(out)
    }

    /// The end of the body: what the decoder still held.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>, HttpError> {
        let ended = match &mut self.kind {
            Kind::Plain | Kind::Deflate => return Ok(vec![]),
            // Nothing at all is the body of an empty answer.
            _ if self.came == 0 => return Ok(vec![]),
            Kind::Gzip(decoder) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
            Kind::Zlib(decoder) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
            Kind::Bare(decoder) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
        };
        let produced = ended.map_err(|_| damaged())?;
        self.account(&produced)?;
        Ok(produced)
    }

    fn account(&mut self, produced: &[u8]) -> Result<(), HttpError> {
        self.produced += produced.len() as u64;
        let steep = self.produced > FREE && self.produced > self.came.saturating_mul(self.ratio);
        if self.came > self.cap || self.produced > self.cap || steep {
            return Err(HttpError::TooLarge(if steep { FREE } else { self.cap }));
        }
        Ok(())
    }
}

fn fed<D: Write>(
    decoder: &mut D,
    step: &[u8],
    out: impl Fn(&mut D) -> &mut Vec<u8>,
) -> Result<Vec<u8>, HttpError> {
    decoder.write_all(step).and_then(|()| decoder.flush()).map_err(|_| damaged())?;
    Ok(std::mem::take(out(decoder)))
}

fn damaged() -> HttpError {
    HttpError::Other("the compressed answer is damaged or ends early".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use proptest::prelude::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(vec![], Compression::best());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(vec![], Compression::best());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn bare(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(vec![], Compression::best());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn decoded(encoding: &str, body: &[u8], pieces: usize) -> Result<Vec<u8>, HttpError> {
        let mut decoder = Decoder::new(Some(encoding), 8 << 20, 100)?;
        let mut out = vec![];
        for piece in body.chunks(pieces) {
            out.extend(decoder.push(piece)?);
        }
        out.extend(decoder.finish()?);
        Ok(out)
    }

    #[test]
    fn encodings() {
        let text = b"{\"models\":[1,2,3]}".repeat(20);
        for pieces in [1, 7, 4096] {
            assert_eq!(decoded("identity", &text, pieces), Ok(text.clone()));
            assert_eq!(decoded("gzip", &gzip(&text), pieces), Ok(text.clone()));
            assert_eq!(
                decoded("GZIP", &[gzip(&text), gzip(b"x")].concat(), pieces),
                Ok([&text[..], b"x"].concat())
            );
            assert_eq!(decoded("deflate", &zlib(&text), pieces), Ok(text.clone()));
            assert_eq!(decoded("deflate", &bare(&text), pieces), Ok(text.clone()));
        }
        assert_eq!(decoded("gzip", b"", 1), Ok(vec![]));
        assert!(decoded("br", b"x", 1).is_err());
        assert!(decoded("gzip, gzip", &gzip(&gzip(b"x")), 1).is_err());
    }

    #[test]
    fn bombs_and_damage() {
        let bomb = gzip(&vec![0; 512 << 20 >> 4]);
        assert_eq!(decoded("gzip", &bomb, 4096), Err(HttpError::TooLarge(FREE)));
        assert_eq!(decoded("identity", &vec![0; 9 << 20], 4096), Err(HttpError::TooLarge(8 << 20)));
        let good = gzip(&b"some text that is long enough".repeat(9));
        assert_eq!(decoded("gzip", &good[..good.len() - 9], 4096), Err(damaged()));
        assert_eq!(decoded("gzip", b"no gzip at all", 4096), Err(damaged()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_without_a_panic(
            encoding in prop::sample::select(vec!["gzip", "deflate", "identity"]),
            body in prop::collection::vec(any::<u8>(), 0..400),
            pieces in 1_usize..50,
        ) {
            let _ = decoded(encoding, &body, pieces);
        }
    }
}
