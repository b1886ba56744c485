//! What is inside archives and images: their members, as files of their own.
//!
//! A member that somebody could want, by its path and its first bytes, is written to a private folder that is removed at
//! the end of the scan; everything else is passed over. It is called `outer!inner`; a member of an image is called after
//! its layer. Of an image's layers the upper ones count, as they would in a container.

use crate::Limits;
use crate::claim::{Claims, Class, ClassCache};
use crate::compressed::{decompressed, read_up_to};
use crate::hard_links::{HardLinks, Linked};
use crate::image::Image;
use crate::platform::{self, FileIdentity};
use crate::rules::is_dependency_folder;
use crate::source::Source;
use crate::walk::Listed;
use cap_std::{ambient_authority, fs::Dir};
use inventar_model::{CoverageGap, Digest, GapReason, StampedGap};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Endings of files with others inside. Model files are archives too; those are read by who knows them.
pub const ARCHIVES: &[&str] = &[
    ".zip", ".whl", ".jar", ".war", ".ear", ".egg", ".nupkg", ".vsix", ".tar", ".tgz", ".tar.gz", ".tar.zst",
    ".tar.xz", ".txz", ".tar.bz2", ".tbz2",
];
/// Archives in archives.
pub const MAX_ARCHIVE_DEPTH: usize = 3;
/// Without a claim's match, a file that another may pull is kept up to this size.
const MAX_PULLED_BYTES: u64 = 1 << 20;
/// A member of an archive in a tree may have this many times the archive's bytes, or as many as
/// [`MIN_MEMBER_BYTES`]: deflate makes thousands of one, code and weights do not.
const MAX_RATIO: u64 = 200;
/// See [`MAX_RATIO`].
const MIN_MEMBER_BYTES: u64 = 64 << 20;
/// The same for all of a compressed tar.
const MIN_STREAM_BYTES: u64 = 1 << 30;
/// A path of this many bytes is nobody's.
const MAX_PATH_BYTES: usize = 4096;
/// What an image's configuration is called: it is a file of the image, and of no layer.
const IMAGE_CONFIGURATION: &str = "image-config.json";

/// What was found inside.
pub(crate) struct Members {
    pub(crate) files: Vec<Listed>,
    pub(crate) gaps: Vec<StampedGap>,
    /// Members looked at, wanted or not.
    pub(crate) seen: u64,
    /// Where the kept ones are; gone when this is dropped.
    pub(crate) spool: Spool,
}

/// A private folder of files without names.
pub(crate) struct Spool {
    pub(crate) dir: Dir,
    files: u64,
    bytes: u64,
    _folder: tempfile::TempDir,
}

impl Spool {
    fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("inventar-").tempdir()?;
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority())?;
        Ok(Self { dir, files: 0, bytes: 0, _folder: folder })
    }

    /// Writes a file; its name here and its size. None: it has more than `max` bytes.
    fn keep(&mut self, head: &[u8], rest: &mut dyn Read, max: u64) -> io::Result<Option<(String, u64)>> {
        self.files += 1;
        let name = self.files.to_string();
        let mut file = self.dir.create(&name)?;
        file.write_all(head)?;
        let size = head.len() as u64 + io::copy(&mut rest.take(max.saturating_add(1)), &mut file)?;
        if size > max {
            self.dir.remove_file(&name)?;
            return Ok(None);
        }
        self.bytes += size;
        Ok(Some((name, size)))
    }
}

/// Expands every archive among the listed files, or an image.
pub(crate) fn expand(
    source: &Source,
    claims: &Claims,
    listed: &[Listed],
    limits: &Limits,
    cancel: &AtomicBool,
) -> io::Result<Option<Members>> {
    let archives: Vec<&Listed> = listed.iter().filter(|file| is_archive(&file.path)).collect();
    if archives.is_empty() && source.image.is_none() {
        return Ok(None);
    }
    let members = Members { files: vec![], gaps: vec![], seen: 0, spool: Spool::new()? };
    let mut expander = Expander { claims, classes: ClassCache::default(), limits, cancel, members };
    if let Some(image) = &source.image {
        expander.image(image);
    }
    for archive in archives {
        let Some(identity) = archive.identity else { continue };
        let outer = Outer { path: &archive.path, ignored: archive.ignored, identity, depth: 1 };
        let opened = platform::open_file(&source.dir, &archive.path);
        expander.archive(opened.map(cap_std::fs::File::into_std), &outer);
    }
    Ok(Some(expander.members))
}

/// Whether a file's name says that others are inside.
fn is_archive(path: &str) -> bool {
    let lower = path.get(path.len().saturating_sub(8)..).unwrap_or(path).to_ascii_lowercase();
    ARCHIVES.iter().any(|end| lower.ends_with(end))
}

/// Opens the bytes of a tar, each time from the first one.
type OpenTar<'a> = dyn Fn() -> io::Result<Box<dyn Read + 'a>> + 'a;

/// An entry of a tar that is being read.
type TarEntry<'r, 'a> = tar::Entry<'r, io::Take<Box<dyn Read + 'a>>>;

/// What a member is in.
struct Outer<'a> {
    path: &'a str,
    ignored: bool,
    identity: FileIdentity,
    depth: usize,
}

struct Expander<'a> {
    claims: &'a Claims,
    classes: ClassCache,
    limits: &'a Limits,
    cancel: &'a AtomicBool,
    members: Members,
}

/// What an image's upper layers say of the lower ones.
#[derive(Default)]
struct Above {
    /// Paths that are there already, or are no more.
    hidden: HashSet<String>,
    /// Folders whose lower content is no more.
    opaque: HashSet<String>,
    /// Links to what lower layers may have.
    links: HardLinks,
}

impl Above {
    fn hides(&self, path: &str) -> bool {
        let mut at = Some(path);
        while let Some(here) = at {
            if self.hidden.contains(here) || self.opaque.contains(here) && here != path {
                return true;
            }
            at = here.rsplit_once('/').map(|(folder, _)| folder);
        }
        self.opaque.contains("")
    }
}

impl Expander<'_> {
    fn image(&mut self, image: &Image) {
        let identity = FileIdentity { size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0 };
        let outer = |shown| Outer { path: shown, ignored: false, identity, depth: 0 };
        match image.configuration() {
            Ok(Some(text)) => {
                let named = Named { path: IMAGE_CONFIGURATION.to_owned(), inner: IMAGE_CONFIGURATION };
                self.keep(named, text.len() as u64, &mut text.as_slice(), &outer(""));
            }
            Ok(None) => {}
            Err(error) => self.gap(IMAGE_CONFIGURATION, GapReason::Unparsable, error.to_string()),
        }
        let mut above = Above::default();
        for layer in image.layers.iter().rev() {
            self.tar(&|| image.read(layer), &outer(&layer.shown), Some(&mut above));
        }
        self.broken_links(&above.links);
    }

    fn archive(&mut self, file: io::Result<File>, outer: &Outer<'_>) {
        let opened = file.and_then(|mut file| {
            let mut front = [0; 4];
            let n = read_up_to(&mut file, &mut front)?;
            file.rewind()?;
            Ok((file, front[..n].starts_with(b"PK")))
        });
        match opened {
            Ok((file, true)) => self.zip(file, outer),
            Ok((file, false)) => {
                let open = || {
                    let mut file = file.try_clone()?;
                    file.rewind()?;
                    decompressed(Box::new(file))
                };
                self.tar(&open, outer, None);
            }
            Err(error) => self.gap(outer.path, GapReason::Other("cannot be read".into()), error.to_string()),
        }
    }

    fn zip(&mut self, file: File, outer: &Outer<'_>) {
        let mut archive = match zip::ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(error) => {
                return self.gap(outer.path, GapReason::Unparsable, format!("not a zip archive: {error}"));
            }
        };
        for at in 0..archive.len() {
            if self.is_over(outer, at) {
                return;
            }
            match archive.by_index(at) {
                Ok(mut member) if member.is_file() => {
                    let name = String::from_utf8_lossy(member.name_raw()).into_owned();
                    let size = member.size();
                    self.member(&name, size, &mut member, outer);
                }
                Ok(_) => {}
                Err(error) => {
                    let detail = format!("member {at} cannot be read: {error}");
                    self.gap(outer.path, GapReason::Unsupported("zip member".into()), detail);
                }
            }
        }
    }

    fn tar(&mut self, open: &OpenTar<'_>, outer: &Outer<'_>, mut above: Option<&mut Above>) {
        // A layer hides what is below it, not what is in it.
        let mut here = Above::default();
        // What this layer has and an upper one hides: a link of this layer may still lead there.
        let mut taken_away = HashSet::new();
        let mut links =
            above.as_deref_mut().map(|above| std::mem::take(&mut above.links)).unwrap_or_default();
        self.entries(open, outer, |expander, path, entry| {
            let kind = entry.header().entry_type();
            if kind.is_file() {
                links.meet(&path);
            }
            if above.is_some() {
                let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
                if file == ".wh..wh..opq" {
                    here.opaque.insert(folder.to_owned());
                    return;
                }
                if let Some(removed) = file.strip_prefix(".wh.") {
                    here.hidden.insert(join(folder, removed));
                    return;
                }
            }
            let is_hidden = above.as_deref().is_some_and(|above| above.hides(&path));
            if kind.is_hard_link() {
                let target = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
                let Some(target) = target.as_deref().and_then(inner_path) else { return };
                let target = links.target(&target).to_owned();
                links.add(&path, &target);
                let is_seen = !above.as_deref().is_some_and(|above| above.hides(&target));
                let link = Linked { outer: outer.path.to_owned(), path: path.clone() };
                if is_hidden || expander.is_unwanted(&path, outer) {
                    // Whatever it names is not read for it.
                } else if expander.is_covered(&path, &target, is_seen, &links, outer) {
                    links.cover(&target, link);
                } else {
                    links.owe(&target, link);
                    if above.is_none() || here.hidden.contains(&target) || taken_away.contains(&target) {
                        links.meet(&target);
                    }
                }
            }
            if is_hidden {
                taken_away.insert(path);
                return;
            }
            if above.is_some() && !kind.is_dir() {
                here.hidden.insert(path.clone());
            }
            if kind.is_file() {
                let size = entry.size();
                expander.member(&path, size, entry, outer);
            }
        });
        if links.is_due() {
            self.entries(open, outer, |expander, path, entry| {
                if entry.header().entry_type().is_file() {
                    expander.linked(&links.pay(&path), entry, outer);
                }
            });
        }
        match above {
            Some(above) => {
                above.hidden.extend(here.hidden);
                above.opaque.extend(here.opaque);
                above.links = links.below();
            }
            None => self.broken_links(&links),
        }
    }

    /// Every entry of a tar whose path stays inside.
    fn entries(
        &mut self,
        open: &OpenTar<'_>,
        outer: &Outer<'_>,
        mut visit: impl FnMut(&mut Self, String, &mut TarEntry<'_, '_>),
    ) {
        // Only headers and wanted members are kept, so what must end is the stream itself.
        let max = match outer.identity.size {
            0 => self.limits.max_unpacked_bytes,
            size => {
                let grown = size.saturating_mul(MAX_RATIO).max(MIN_STREAM_BYTES);
                grown.min(self.limits.max_unpacked_bytes)
            }
        };
        let reader = match open() {
            Ok(reader) => reader,
            Err(error) => {
                return self.gap(outer.path, GapReason::Other("cannot be read".into()), error.to_string());
            }
        };
        let mut archive = tar::Archive::new(reader.take(max));
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.gap(outer.path, GapReason::Unparsable, error.to_string()),
        };
        for (at, entry) in entries.enumerate() {
            if self.is_over(outer, at) {
                break;
            }
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let detail = format!("broken after {at} members: {error}");
                    return self.gap(outer.path, GapReason::Unparsable, detail);
                }
            };
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            match inner_path(&name) {
                Some(path) => visit(self, path, &mut entry),
                None if name.trim_matches(['.', '/']).is_empty() => {}
                None => {
                    self.gap(outer.path, GapReason::Unsupported("member path".into()), format!("`{name}`"));
                }
            }
        }
    }

    /// Whether a link brings nothing: nobody asks for its name who does not see the content under another.
    fn is_covered(
        &mut self,
        path: &str,
        target: &str,
        is_seen: bool,
        links: &HardLinks,
        outer: &Outer<'_>,
    ) -> bool {
        let wanted = self.wanted(path, outer.ignored);
        let others = links.owed_to(target).iter().map(|link| link.path.as_str());
        is_seen.then_some(target).into_iter().chain(others).any(|other| {
            let other = self.wanted(other, outer.ignored);
            other.covers(&wanted)
        })
    }

    /// Whether nobody asks for a path, whatever is there.
    fn is_unwanted(&mut self, path: &str, outer: &Outer<'_>) -> bool {
        self.wanted(path, outer.ignored).is_nothing()
    }

    /// Content under the names that links give it: read under the first, and shared by those that others ask for.
    fn linked(&mut self, names: &[Linked], entry: &mut TarEntry<'_, '_>, outer: &Outer<'_>) {
        let Some((first, others)) = names.split_first() else { return };
        let size = entry.size();
        let of_first = Outer { path: &first.outer, ..*outer };
        let Some(kept) = self.member(&first.path, size, entry, &of_first) else { return };
        for other in others {
            let wanted = self.wanted(&other.path, outer.ignored);
            let path = format!("{}!{}", other.outer, other.path);
            self.list(path, wanted, &kept, outer);
        }
    }

    /// Says which links lead to nothing.
    fn broken_links(&mut self, links: &HardLinks) {
        if let Some((target, link)) = links.crowded() {
            let at = format!("{}!{}", link.outer, link.path);
            let detail = format!("`{}` has more links than are followed", target.escape_debug());
            self.gap(&at, GapReason::Unsupported("hard link".into()), detail);
        }
        for (target, link) in links.broken() {
            let at = format!("{}!{}", link.outer, link.path);
            let detail = format!("it is a link to `{}`, which is not there", target.escape_debug());
            self.gap(&at, GapReason::Unsupported("hard link".into()), detail);
        }
    }

    /// Whether enough of an archive was seen; says so.
    fn is_over(&mut self, outer: &Outer<'_>, at: usize) -> bool {
        let limits = self.limits;
        let what = if at >= limits.max_members {
            format!("more than {} members; the rest was not looked at", limits.max_members)
        } else if self.members.spool.bytes >= limits.max_spool_bytes {
            format!(
                "more than {} bytes in archives are worth a look; the rest was not",
                limits.max_spool_bytes
            )
        } else {
            return self.cancel.load(Ordering::Relaxed);
        };
        self.gap(outer.path, GapReason::TooLarge(self.members.spool.bytes), what);
        true
    }

    /// Keeps a member if somebody could want it, and looks into it if it is an archive itself.
    fn member(
        &mut self,
        name: &str,
        size: u64,
        reader: &mut dyn Read,
        outer: &Outer<'_>,
    ) -> Option<(String, u64)> {
        self.members.seen += 1;
        let Some(inner) = inner_path(name) else {
            let detail = format!("`{}` leaves the archive", name.escape_debug());
            self.gap(outer.path, GapReason::Unsupported("member path".into()), detail);
            return None;
        };
        let named = Named { path: format!("{}!{inner}", outer.path), inner: &inner };
        self.keep(named, size, reader, outer)
    }

    /// Who could want a path inside.
    fn wanted(&mut self, inner: &str, ignored: bool) -> Wanted {
        // Installed libraries are not what an image's people wrote; weights and settings may still be among them.
        let is_installed = inner.split('/').any(is_dependency_folder);
        let ignored = ignored || is_installed;
        let class = self.claims.class(inner, ignored, &mut self.classes);
        Wanted { class, ignored, is_archive: is_archive(inner) && !is_installed }
    }

    /// What was kept, by its name in the spool.
    fn keep(
        &mut self,
        named: Named<'_>,
        size: u64,
        reader: &mut dyn Read,
        outer: &Outer<'_>,
    ) -> Option<(String, u64)> {
        let Named { path, inner } = named;
        let wanted = self.wanted(inner, outer.ignored);
        let nested = wanted.is_archive && outer.depth < MAX_ARCHIVE_DEPTH;
        let class = wanted.class.as_ref();
        if class.is_none() && !nested {
            return None;
        }
        let left = self.limits.max_spool_bytes.saturating_sub(self.members.spool.bytes);
        // An image's layers say nothing of their size.
        let max = match outer.identity.size {
            0 => left,
            size => left.min(size.saturating_mul(MAX_RATIO).max(MIN_MEMBER_BYTES)),
        };
        let kept = (|| {
            let mut head = vec![0; class.map_or(0, |class| class.probe_bytes().min(64 << 10))];
            let n = read_up_to(reader, &mut head)?;
            head.truncate(n);
            let is_wanted = class.is_some_and(|class| {
                class.may_hold(&head) || !class.pulls.is_empty() && size <= MAX_PULLED_BYTES
            });
            if !is_wanted && !nested {
                return Ok(None);
            }
            self.members.spool.keep(&head, reader, max).map(Some)
        })();
        let kept = match kept {
            Ok(Some(Some(kept))) => kept,
            Ok(Some(None)) => {
                let detail = format!("it unpacks to more than {max} bytes; it was not looked at");
                self.gap(&path, GapReason::TooLarge(size), detail);
                return None;
            }
            Ok(None) => return None,
            Err(error) => {
                let error: io::Error = error;
                self.gap(&path, GapReason::Unparsable, format!("cannot be unpacked: {error}"));
                return None;
            }
        };
        if nested {
            let opened = platform::open_file(&self.members.spool.dir, &kept.0);
            let identity = member_identity(&path, kept.1, outer);
            let inside = Outer { path: &path, ignored: wanted.ignored, identity, depth: outer.depth + 1 };
            self.archive(opened.map(cap_std::fs::File::into_std), &inside);
        }
        self.list(path, wanted, &kept, outer);
        Some(kept)
    }

    /// Lists what was kept under a name, for those who want it.
    fn list(&mut self, path: String, wanted: Wanted, kept: &(String, u64), outer: &Outer<'_>) {
        let Some(class) = wanted.class else { return };
        let identity = Some(member_identity(&path, kept.1, outer));
        let spooled = Some(kept.0.as_str().into());
        let listed = Listed { path: path.into(), ignored: wanted.ignored, class, identity, spooled };
        self.members.files.push(listed);
    }

    fn gap(&mut self, at: &str, reason: GapReason, detail: String) {
        let gap = CoverageGap { at: at.to_owned(), reason, detail, retriable: false };
        self.members.gaps.push(StampedGap { gap, plugin: None });
    }
}

/// A member as evidence shows it, and its path inside.
struct Named<'a> {
    path: String,
    inner: &'a str,
}

/// Who could want a member.
struct Wanted {
    class: Option<Arc<Class>>,
    ignored: bool,
    is_archive: bool,
}

impl Wanted {
    fn is_nothing(&self) -> bool {
        self.class.is_none() && !self.is_archive
    }

    /// Whether whoever wants the other wants this too.
    fn covers(&self, other: &Self) -> bool {
        let classes = match (&self.class, &other.class) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(ours), Some(theirs)) => {
                theirs.claims.iter().all(|claim| ours.claims.contains(claim))
                    && theirs.pulls.iter().all(|pull| ours.pulls.contains(pull))
            }
        };
        classes && (self.is_archive || !other.is_archive)
    }
}

/// What tells that a member is the one it was: the outer file's identity, its own path and size.
fn member_identity(path: &str, size: u64, outer: &Outer<'_>) -> FileIdentity {
    let mut device = [0; 8];
    device.copy_from_slice(&Digest::of(path.as_bytes()).as_bytes()[..8]);
    FileIdentity { size, device: u64::from_le_bytes(device), ..outer.identity }
}

/// A member's path inside its archive; none: it leads out, or is none.
fn inner_path(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_inside = !parts.is_empty()
        && name.len() <= MAX_PATH_BYTES
        && !name.contains(['\0', '\n', '!'])
        && !parts.contains(&"..");
    is_inside.then(|| parts.join("/"))
}

/// A path without the layer it is in: where it would be in a container.
pub(crate) fn without_layer(path: &str) -> &str {
    match path.split_once('!') {
        Some((layer, inner)) if layer.starts_with("sha256:") && !layer.contains('/') => inner,
        _ => path,
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests;
