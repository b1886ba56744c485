//! The messages of an object's header that say something of a model.

use super::Reader;
use crate::bytes::{Broken, Cursor};

/// What a link leads to.
#[derive(Debug)]
pub(super) enum Target {
    /// An object header.
    Object(u64),
    /// Another file.
    External(String),
}

/// What one object says.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) attributes: Vec<(String, String)>,
    pub(super) links: Vec<(String, Target)>,
    pub(super) shape: Option<Vec<u64>>,
    pub(super) dtype: Option<String>,
    pub(super) has_layout: bool,
    pub(super) outside: Vec<(&'static str, String)>,
    pub(super) unread: Option<&'static str>,
}

/// Dimensions of a dataset; the library allows 32.
const MAX_RANK: u8 = 32;
/// An attribute of a fixed length is read up to here.
const MAX_FIXED: usize = 64 << 10;

impl Reader<'_> {
    pub(super) fn message(
        &self,
        kind: u16,
        message: &mut Cursor<'_>,
        found: &mut Found,
    ) -> Result<(), Broken> {
        match kind {
            0x01 => found.shape = Some(self.dataspace(message)?),
            0x03 => found.dtype = Some(Type::read(message)?.name()),
            0x06 => self.link(message, found)?,
            // Raw data in files of other names.
            0x07 => found.outside.push(("external-storage", String::new())),
            0x08 => {
                found.has_layout = true;
                let (version, class) = (message.byte()?, message.byte()?);
                if version >= 4 && class == 3 {
                    found.outside.push(("virtual-dataset", String::new()));
                }
            }
            0x0c => self.attribute(message, found)?,
            // Links or attributes too many for the header: in a heap of their own.
            0x02 => {
                message.skip(1)?;
                let flags = message.byte()?;
                message.skip(if flags & 1 != 0 { 8 } else { 0 })?;
                if self.offset(message)? < u64::MAX >> (64 - 8 * u32::from(self.offset_size)) {
                    found.unread = Some("its links are kept in a heap");
                }
            }
            0x15 => {
                message.skip(1)?;
                let flags = message.byte()?;
                message.skip(if flags & 1 != 0 { 2 } else { 0 })?;
                if self.offset(message)? < u64::MAX >> (64 - 8 * u32::from(self.offset_size)) {
                    found.unread = Some("its attributes are kept in a heap");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn dataspace(&self, message: &mut Cursor<'_>) -> Result<Vec<u64>, Broken> {
        let (version, rank) = (message.byte()?, message.byte()?);
        if rank > MAX_RANK {
            return Err(message.broken("a dataset has too many dimensions"));
        }
        message.skip(if version == 1 { 6 } else { 2 })?;
        (0..rank).map(|_| self.length(message)).collect()
    }

    fn link(&self, message: &mut Cursor<'_>, found: &mut Found) -> Result<(), Broken> {
        message.skip(1)?;
        let flags = message.byte()?;
        let kind = if flags & 8 != 0 { message.byte()? } else { 0 };
        message.skip(if flags & 4 != 0 { 8 } else { 0 })?;
        message.skip(u64::from(flags & 0x10 != 0))?;
        let len = self.number(message, 1 << (flags & 3))?;
        let len = usize::try_from(len).ok().filter(|len| *len <= 4096);
        let len = len.ok_or_else(|| message.broken("a link has a name of impossible length"))?;
        let name = String::from_utf8_lossy(message.take(len)?).into_owned();
        match kind {
            0 => {
                let address = self.offset(message)?;
                found.links.push((name, Target::Object(address)));
            }
            64 => {
                let len = message.u16()?;
                let value = message.take(len.into())?;
                let file =
                    value.get(1..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
                found.links.push((name, Target::External(String::from_utf8_lossy(file).into_owned())));
            }
            _ => {}
        }
        Ok(())
    }

    fn attribute(&self, message: &mut Cursor<'_>, found: &mut Found) -> Result<(), Broken> {
        let version = message.byte()?;
        message.skip(1)?;
        let sizes = [message.u16()?, message.u16()?, message.u16()?];
        message.skip(u64::from(version == 3))?;
        let padded = |size: u16| {
            let size = u64::from(size);
            if version == 1 { size.next_multiple_of(8) } else { size }
        };
        let name = message.peek_at(message.at(), sizes[0].into());
        message.skip(padded(sizes[0]))?;
        let name =
            String::from_utf8_lossy(name.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
        let at = message.at();
        let dtype = Type::read(message)?;
        message.seek(at);
        message.skip(padded(sizes[1]))?;
        message.skip(padded(sizes[2]))?;
        let text = match dtype {
            Type::Text(size) => message.take((size as usize).min(MAX_FIXED))?.to_vec(),
            Type::Vary => {
                message.skip(4)?;
                let address = self.offset(message)?;
                let index = message.u32()?;
                self.global(address, index).unwrap_or_default()
            }
            _ => return Ok(()),
        };
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        found.attributes.push((name, String::from_utf8_lossy(text).into_owned()));
        Ok(())
    }
}

enum Type {
    Integer(u32, bool),
    Float(u32),
    Text(u32),
    /// Texts of any length.
    Vary,
    Other,
}

impl Type {
    fn read(message: &mut Cursor<'_>) -> Result<Self, Broken> {
        let class = message.byte()? & 0xf;
        let bits = message.array::<3>()?;
        let size = message.u32()?;
        Ok(match class {
            0 => Self::Integer(size, bits[0] & 8 != 0),
            1 => Self::Float(size),
            3 => Self::Text(size),
            9 if bits[0] & 0xf == 1 => Self::Vary,
            _ => Self::Other,
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Integer(size, true) if *size <= 8 => format!("I{}", size * 8),
            Self::Integer(size, false) if *size <= 8 => format!("U{}", size * 8),
            Self::Float(size) if *size <= 16 => format!("F{}", size * 8),
            Self::Text(_) | Self::Vary => "STRING".to_owned(),
            _ => "unknown".to_owned(),
        }
    }
}
