//! Pickles kept as data in a pickle: as they are, in base64, in hex.

use crate::bytes::Cursor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A pickle of protocol 2 to 5.
fn is_pickle(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x80) && bytes.get(1).is_some_and(|protocol| (2..=5).contains(protocol))
}

/// In bytes: as they are, or as a text.
pub(super) fn of_bytes(cursor: &Cursor<'_>, at: u64, len: u64) -> Option<Vec<u8>> {
    if is_pickle(&cursor.peek_at(at, 2)) {
        return Some(cursor.peek_at(at, len as usize));
    }
    of_text(cursor, at, len)
}

/// In a text: base64 or hex.
pub(super) fn of_text(cursor: &Cursor<'_>, at: u64, len: u64) -> Option<Vec<u8>> {
    let head = cursor.peek_at(at, 4);
    // 0x80 and 2 to 5, six bits at a time.
    let is_base64 = head.starts_with(b"gA") && head.get(2).is_some_and(|third| (b'I'..=b'X').contains(third));
    let is_hex = matches!(&head[..], b"8002" | b"8003" | b"8004" | b"8005");
    if !is_base64 && !is_hex {
        return None;
    }
    let text = cursor.peek_at(at, len as usize);
    let inner = if is_base64 {
        let text: Vec<u8> = text.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(text).ok()?
    } else {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
        text.chunks_exact(2)
            .map(|pair| Some(digit(&pair[0])? << 4 | digit(&pair[1])?))
            .collect::<Option<Vec<u8>>>()?
    };
    is_pickle(&inner).then_some(inner)
}

/// What the opcode at `at` pushes as bytes, if it is not too long.
pub(super) fn bytes_at(cursor: &Cursor<'_>, at: u64) -> Option<Vec<u8>> {
    const MAX_BYTES: u64 = 32 << 20;
    let head = cursor.peek_at(at, 9);
    let (opcode, rest) = head.split_first()?;
    let width = match opcode {
        b'C' => 1,
        b'B' => 4,
        0x8e | 0x96 => 8,
        _ => return None,
    };
    let len = rest.get(..width)?.iter().rev().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    (len <= MAX_BYTES).then(|| cursor.peek_at(at + 1 + width as u64, len as usize))
}
