//! Container images in files: OCI layouts (a folder or a tar) and what `docker save` writes. No daemon is asked.
//!
//! Source: OCI image-spec 1.1 (image-layout.md, manifest.md, layer.md) and the `manifest.json` of docker archives.

use crate::compressed::decompressed;
use crate::platform::FileIdentity;
use cap_std::{ambient_authority, fs::Dir};
use inventar_model::Digest;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How an image is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageKind {
    /// A folder with `oci-layout`, `index.json` and `blobs/`.
    OciDir,
    /// The same in a tar file.
    OciArchive,
    /// What `docker save` writes.
    DockerArchive,
}

/// Manifests, indexes and configurations are not longer.
const MAX_DOCUMENT_BYTES: u64 = 4 << 20;
/// Members of the outer tar: blobs, not files.
const MAX_BLOBS: usize = 10_000;
/// Indexes in indexes.
const MAX_DEPTH: usize = 4;

/// An image whose layers can be read.
#[derive(Debug)]
pub(crate) struct Image {
    store: Store,
    /// From the bottom.
    pub(crate) layers: Vec<Layer>,
    /// Where the blob of its configuration is.
    configuration: Option<String>,
    /// What it is called, if it says so.
    pub(crate) name: Option<String>,
    /// Of everything that tells one image from another.
    pub(crate) digest: Digest,
}

/// A layer: where its blob is.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// As evidence shows it: `sha256:` and twelve digits.
    pub(crate) shown: String,
    blob: String,
}

#[derive(Debug)]
enum Store {
    Folder(Dir),
    Tar { file: File, members: HashMap<String, (u64, u64)> },
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    #[serde(default, rename = "mediaType")]
    media_type: String,
    platform: Option<Platform>,
    #[serde(default)]
    annotations: HashMap<String, String>,
}

impl Descriptor {
    /// Other artefacts have manifests too, with configurations of their own.
    fn is_configuration(&self) -> bool {
        let media_type = self.media_type.as_str();
        media_type.is_empty() || media_type.contains("image.config") || media_type.contains("container.image")
    }
}

#[derive(Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

#[derive(Deserialize)]
struct Saved {
    #[serde(rename = "Config")]
    config: String,
    #[serde(default, rename = "RepoTags")]
    tags: Option<Vec<String>>,
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Configuration {
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

impl Image {
    /// Opens an image and reads its manifest.
    pub(crate) fn open(path: &Path, kind: ImageKind) -> io::Result<Self> {
        match kind {
            ImageKind::OciDir => {
                Self::of_layout(Store::Folder(Dir::open_ambient_dir(path, ambient_authority())?))
            }
            ImageKind::OciArchive => Self::of_layout(Store::of_tar(path)?),
            ImageKind::DockerArchive => Self::of_docker(Store::of_tar(path)?),
        }
    }

    fn of_layout(store: Store) -> io::Result<Self> {
        let index: Index = document(&store, "index.json")?;
        let (manifest, name) = choose(&store, index, 0)?;
        let path = blob_path(&manifest.digest)?;
        let digest = Digest::of(&store.bytes(&path)?);
        let manifest: Manifest = document(&store, &path)?;
        let configuration = manifest.config.filter(Descriptor::is_configuration);
        let configuration = configuration.map(|config| blob_path(&config.digest)).transpose()?;
        let layers = manifest
            .layers
            .iter()
            .map(|layer| Ok(Layer { shown: shown(&layer.digest), blob: blob_path(&layer.digest)? }))
            .collect::<io::Result<_>>()?;
        Ok(Self { store, layers, configuration, name, digest })
    }

    fn of_docker(store: Store) -> io::Result<Self> {
        let saved: Vec<Saved> = document(&store, "manifest.json")?;
        let [saved] = <[Saved; 1]>::try_from(saved).map_err(|all| {
            invalid(format!("it holds {} images; save one at a time (`docker save NAME`)", all.len()))
        })?;
        let config = store.bytes(&saved.config)?;
        let ids = serde_json::from_slice::<Configuration>(&config)
            .map_err(|error| invalid(format!("{}: {error}", saved.config)))?
            .rootfs
            .diff_ids;
        if ids.len() != saved.layers.len() {
            return Err(invalid("its configuration and its manifest disagree about the layers".to_owned()));
        }
        let layers =
            ids.iter().zip(saved.layers).map(|(id, blob)| Layer { shown: shown(id), blob }).collect();
        let name = saved.tags.and_then(|tags| tags.into_iter().next());
        let identity = match &store {
            Store::Tar { file, .. } => {
                FileIdentity::of_file(&cap_std::fs::File::from_std(file.try_clone()?))?
            }
            Store::Folder(_) => return Err(invalid("a folder is no docker archive".to_owned())),
        };
        let identity = postcard::to_stdvec(&identity).map_err(io::Error::other)?;
        let digest = Digest::of_parts([config.as_slice(), &identity]);
        Ok(Self { store, layers, configuration: Some(saved.config), name, digest })
    }

    /// The bytes of a layer's tar, decompressed.
    pub(crate) fn read(&self, layer: &Layer) -> io::Result<Box<dyn Read + '_>> {
        decompressed(self.store.open(&layer.blob)?)
    }

    /// How its containers are started, as JSON that people can read: a name or a variable a line. Of the stored document
    /// the history of the build and the digests of the layers are left out.
    pub(crate) fn configuration(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(blob) = &self.configuration else { return Ok(None) };
        let stored: serde_json::Map<String, serde_json::Value> = document(&self.store, blob)?;
        let mut shown = serde_json::Map::new();
        shown.extend(self.name.clone().map(|name| ("name".to_owned(), name.into())));
        for key in ["architecture", "os", "config"] {
            shown.extend(stored.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        Ok(Some(serde_json::to_vec_pretty(&shown)?))
    }
}

impl Store {
    /// Notes where each member of a tar is.
    fn of_tar(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut members = HashMap::new();
        let mut archive = tar::Archive::new(&file);
        for entry in archive.entries_with_seek()? {
            let entry = entry.map_err(|_| {
                invalid("it is not a tar file; decompress it first if it is compressed".to_owned())
            })?;
            if members.len() >= MAX_BLOBS {
                return Err(invalid(format!("it has more than {MAX_BLOBS} members")));
            }
            if entry.header().entry_type().is_file() {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let name = name.trim_start_matches("./").to_owned();
                members.insert(name, (entry.raw_file_position(), entry.size()));
            }
        }
        Ok(Self::Tar { file, members })
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        match self {
            Self::Folder(dir) => Ok(Box::new(dir.open(name).map_err(|error| named(name, &error))?)),
            Self::Tar { file, members } => {
                let (start, len) = members
                    .get(name)
                    .ok_or_else(|| named(name, &io::Error::from(io::ErrorKind::NotFound)))?;
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(*start))?;
                Ok(Box::new(file.take(*len)))
            }
        }
    }

    fn bytes(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name)?.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
            return Err(invalid(format!("`{name}` is longer than {MAX_DOCUMENT_BYTES} bytes")));
        }
        Ok(bytes)
    }
}

/// The manifest for this machine's platform, else the first that is an image, and the name the image has.
fn choose(store: &Store, index: Index, depth: usize) -> io::Result<(Descriptor, Option<String>)> {
    let name = |descriptor: &Descriptor| {
        let annotation = |key: &str| descriptor.annotations.get(key).cloned();
        annotation("io.containerd.image.name").or_else(|| annotation("org.opencontainers.image.ref.name"))
    };
    let ours = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let rank = |descriptor: &Descriptor| match &descriptor.platform {
        Some(platform) if platform.os == "unknown" => 3,
        Some(platform) if platform.os == "linux" && platform.architecture == ours => 0,
        None => 1,
        Some(_) => 2,
    };
    let best = index.manifests.into_iter().min_by_key(rank);
    let best = best.ok_or_else(|| invalid("its index lists no image".to_owned()))?;
    let called = name(&best);
    if best.media_type.contains("index") || best.media_type.contains("manifest.list") {
        if depth == MAX_DEPTH {
            return Err(invalid("its indexes are nested too deeply".to_owned()));
        }
        let inner: Index = document(store, &blob_path(&best.digest)?)?;
        let (chosen, inner_name) = choose(store, inner, depth + 1)?;
        return Ok((chosen, called.or(inner_name)));
    }
    Ok((best, called))
}

fn document<T: serde::de::DeserializeOwned>(store: &Store, name: &str) -> io::Result<T> {
    serde_json::from_slice(&store.bytes(name)?).map_err(|error| invalid(format!("`{name}`: {error}")))
}

/// Where a digest's blob is. A digest that is none leads nowhere.
fn blob_path(digest: &str) -> io::Result<String> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or_default();
    let is_digest = !algorithm.is_empty()
        && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (32..=128).contains(&hex.len())
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest {
        Ok(format!("blobs/{algorithm}/{hex}"))
    } else {
        Err(invalid("a digest is none".to_owned()))
    }
}

/// A digest as people know it from other tools.
fn shown(digest: &str) -> String {
    digest.chars().take("sha256:".len() + 12).filter(|c| c.is_ascii_alphanumeric() || *c == ':').collect()
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn named(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{name}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_lead_to_blobs_only() {
        let hex = "a".repeat(64);
        assert_eq!(blob_path(&format!("sha256:{hex}")).unwrap(), format!("blobs/sha256/{hex}"));
        for bad in ["", "sha256:", "sha256:../../etc/passwd", "../x:aa", &hex] {
            assert!(blob_path(bad).is_err(), "{bad}");
        }
        assert_eq!(shown(&format!("sha256:{hex}")), "sha256:aaaaaaaaaaaa");
    }
}
