//! Texts, read back from the opcode that pushed them.

use crate::bytes::Cursor;

/// The longest text that is read back: module names are shorter.
const MAX_TEXT: usize = 1024;

/// The text that the opcode at `at` pushes; none when it is too long or no text.
pub(super) fn read(cursor: &Cursor<'_>, at: u64) -> Option<String> {
    let head = cursor.peek_at(at, 9);
    let (opcode, rest) = head.split_first()?;
    let counted = |len: u64, skip: u64| {
        let len = usize::try_from(len).ok().filter(|len| *len <= MAX_TEXT)?;
        let bytes = cursor.peek_at(at + 1 + skip, len);
        (bytes.len() == len).then(|| String::from_utf8_lossy(&bytes).into_owned())
    };
    let little = |n: usize| {
        rest.get(..n).map(|bytes| bytes.iter().rev().fold(0u64, |all, byte| all << 8 | u64::from(*byte)))
    };
    match opcode {
        b'U' | 0x8c => counted(little(1)?, 1),
        b'T' | b'X' => counted(little(4)?, 4),
        0x8d => counted(little(8)?, 8),
        b'S' => unescaped(quoted(&line(cursor, at + 1)?)?),
        b'V' => raw_unicode(&line(cursor, at + 1)?),
        _ => None,
    }
}

fn line(cursor: &Cursor<'_>, at: u64) -> Option<Vec<u8>> {
    let mut bytes = cursor.peek_at(at, 256);
    if !bytes.contains(&b'\n') {
        bytes = cursor.peek_at(at, MAX_TEXT * 10);
    }
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    bytes.truncate(end);
    Some(bytes)
}

/// Between quotes, after trailing white space is gone.
fn quoted(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_end();
    let (first, last) = (line.first()?, line.last()?);
    (line.len() >= 2 && first == last && matches!(first, b'\'' | b'"')).then(|| &line[1..line.len() - 1])
}

/// Python's escapes in a byte string.
fn unescaped(text: &[u8]) -> Option<String> {
    let mut out = vec![];
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let escape = *text.get(at)?;
        at += 1;
        match escape {
            b'\n' => {}
            b'a' => out.push(7),
            b'b' => out.push(8),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'v' => out.push(11),
            b'f' => out.push(12),
            b'r' => out.push(b'\r'),
            b'x' => {
                let digits = std::str::from_utf8(text.get(at..at + 2)?).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                at += 2;
            }
            b'0'..=b'7' => {
                let mut value = u32::from(escape - b'0');
                for _ in 0..2 {
                    match text.get(at) {
                        Some(digit @ b'0'..=b'7') => {
                            value = value * 8 + u32::from(digit - b'0');
                            at += 1;
                        }
                        _ => break,
                    }
                }
                out.push(value as u8);
            }
            b'\\' | b'\'' | b'"' => out.push(escape),
            _ => out.extend([b'\\', escape]),
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// `\u` and `\U` are escapes, every other byte is itself.
fn raw_unicode(text: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let digits = match (byte, text.get(at + 1)) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                out.push(char::from(*byte));
                at += 1;
                continue;
            }
        };
        let hex = std::str::from_utf8(text.get(at + 2..at + 2 + digits)?).ok()?;
        out.push(char::from_u32(u32::from_str_radix(hex, 16).ok()?).unwrap_or('\u{fffd}'));
        at += 2 + digits;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (stream, text) in [
            (&b"U\x02os"[..], Some("os")),
            (b"\x8c\x02os", Some("os")),
            (b"X\x02\0\0\0os", Some("os")),
            (b"\x8d\x02\0\0\0\0\0\0\0os", Some("os")),
            (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffos", None),
            (b"S'\\x6f\\163'\n", Some("os")),
            (b"S\"o\\\"s\" \n", Some("o\"s")),
            (b"S'os\n", None),
            (b"S'\\", None),
            (b"V\\u006f\\U00000073\n", Some("os")),
            (b"V\\u00", None),
            (b"K\x01", None),
            (b"", None),
        ] {
            let bytes = stream.to_vec();
            assert_eq!(read(&Cursor::new(&bytes, 0), 0).as_deref(), text, "{stream:?}");
        }
    }
}
