//! Brings an image from a registry into a folder, as an OCI layout: no daemon, no root.
//!
//! Every blob is checked against its digest while it comes. Who the user is at the registry is what `docker login` or
//! `podman login` left: Docker's configuration and its credential helpers. Source: OCI distribution-spec 1.1, image-spec
//! 1.1 (image-layout.md).

use crate::console::Console;
use crate::exit::{Exit, Stop};
use docker_credential::{CredentialRetrievalError, DockerCredential};
use futures_util::StreamExt as _;
use oci_client::client::{ClientConfig, ClientProtocol, current_platform_resolver, linux_amd64_resolver};
use oci_client::manifest::{self, ImageIndexEntry, OciDescriptor};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// Layers of one image.
const MAX_LAYERS: usize = 512;
/// Bytes of all layers of one image as they come, compressed.
const MAX_BYTES: u64 = 64 << 30;
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(60);

/// Reads a reference as Docker does: `alpine`, `ghcr.io/org/app:1.2`, `localhost:5000/app@sha256:…`.
pub(crate) fn reference(text: &str) -> Result<Reference, Stop> {
    text.parse().map_err(|error| {
        Stop::usage(format!("`{text}` is no image reference: {error}"))
            .hint("write image:NAME[:TAG] or image:REGISTRY/NAME@sha256:DIGEST")
    })
}

/// Pulls the image for this machine's platform into `folder`, which then holds an OCI layout.
pub(crate) async fn pull(image: &Reference, folder: &Path, console: &Console) -> Result<(), Stop> {
    let failed = |what: &str, error: &(dyn std::error::Error + 'static)| {
        let chain = std::iter::successors(Some(error), |error| error.source());
        let why: Vec<String> = chain.map(|error| error.to_string()).collect();
        let why = inventar_runtime::redact(&why.join(": ")).into_owned();
        Stop::new(Exit::Partial, format!("cannot pull {what} of `{}`: {}", image.whole(), why.trim()))
            .hint("check the name; for a private image sign in first with `docker login` or `podman login`, or save the image and scan oci-archive:FILE")
    };
    // The first caller decides for the process; a second installation says that there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new(ClientConfig {
        protocol: protocol(image.resolve_registry()),
        platform_resolver: Some(Box::new(platform)),
        connect_timeout: Some(CONNECT),
        read_timeout: Some(SILENCE),
        user_agent: concat!("inventar/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    });
    let auth = sign_in(image.resolve_registry(), console);
    let (described, digest) =
        client.pull_image_manifest(image, &auth).await.map_err(|error| failed("the manifest", &error))?;
    let total: u64 = described
        .layers
        .iter()
        .map(|layer| u64::try_from(layer.size).unwrap_or(u64::MAX))
        .fold(0, u64::saturating_add);
    if described.layers.len() > MAX_LAYERS || total > MAX_BYTES {
        let why = format!(
            "it has {} layers with {total} bytes; {MAX_LAYERS} and {MAX_BYTES} are read",
            described.layers.len()
        );
        return Err(Stop::new(Exit::Partial, format!("cannot pull `{}`: {why}", image.whole())));
    }
    let exact = image.clone_with_digest(digest.clone());
    let accepted = [manifest::OCI_IMAGE_MEDIA_TYPE, manifest::IMAGE_MANIFEST_MEDIA_TYPE];
    let (raw, _) = client
        .pull_manifest_raw(&exact, &auth, &accepted)
        .await
        .map_err(|error| failed("the manifest", &error))?;

    let unwritable = |error: std::io::Error| {
        Stop::new(Exit::Partial, format!("cannot write {}: {error}", folder.display()))
    };
    fs::create_dir_all(folder.join("blobs/sha256")).map_err(unwritable)?;
    fs::write(blob(folder, &digest)?, &raw).map_err(unwritable)?;
    console.note(&format!(
        "pulling {} ({} layers, {} MB)",
        image.whole(),
        described.layers.len(),
        total >> 20
    ));
    for descriptor in described.layers.iter().chain([&described.config]) {
        let path = blob(folder, &descriptor.digest)?;
        if !path.exists() {
            fetch(&client, image, descriptor, &path)
                .await
                .map_err(|error| failed("a layer", error.as_ref()))?;
        }
    }
    let index = serde_json::json!({
        "schemaVersion": 2,
        "manifests": [{
            "mediaType": described.media_type.as_deref().unwrap_or(manifest::OCI_IMAGE_MEDIA_TYPE),
            "digest": digest,
            "size": raw.len(),
            "annotations": { "org.opencontainers.image.ref.name": image.whole() },
        }],
    });
    fs::write(folder.join("index.json"), index.to_string()).map_err(unwritable)?;
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).map_err(unwritable)
}

/// Writes a blob as it comes; its digest is checked on the way, and it is never longer than its descriptor says.
async fn fetch(
    client: &Client,
    image: &Reference,
    descriptor: &OciDescriptor,
    path: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut pieces = client.pull_blob_stream(image, descriptor).await?.stream;
    let mut file = fs::File::create(path)?;
    let mut left = u64::try_from(descriptor.size)?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        left = left.checked_sub(piece.len() as u64).ok_or("it is longer than its manifest says")?;
        file.write_all(&piece)?;
    }
    if left > 0 {
        return Err("it is shorter than its manifest says".into());
    }
    Ok(())
}

/// This machine's platform, else Linux on amd64, else the first that is an image.
fn platform(entries: &[ImageIndexEntry]) -> Option<String> {
    let any = |entries: &[ImageIndexEntry]| {
        let real = |entry: &&ImageIndexEntry| {
            entry.platform.as_ref().is_none_or(|platform| platform.os.to_string() != "unknown")
        };
        entries.iter().find(real).map(|entry| entry.digest.clone())
    };
    current_platform_resolver(entries).or_else(|| linux_amd64_resolver(entries)).or_else(|| any(entries))
}

/// Plain HTTP for a registry on this machine only, as Docker has it.
fn protocol(registry: &str) -> ClientProtocol {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    match host {
        "localhost" | "127.0.0.1" | "[::1]" => ClientProtocol::Http,
        _ => ClientProtocol::Https,
    }
}

/// What the user's own tools know of the registry. What a helper printed is never shown: it may be the secret.
fn sign_in(registry: &str, console: &Console) -> RegistryAuth {
    let known_as = if registry == "index.docker.io" { "https://index.docker.io/v1/" } else { registry };
    match docker_credential::get_credential(known_as) {
        Ok(DockerCredential::UsernamePassword(user, password)) => RegistryAuth::Basic(user, password),
        Ok(DockerCredential::IdentityToken(token)) => RegistryAuth::Bearer(token),
        Err(
            CredentialRetrievalError::NoCredentialConfigured
            | CredentialRetrievalError::ConfigNotFound
            | CredentialRetrievalError::ConfigReadError,
        ) => RegistryAuth::Anonymous,
        Err(_) => {
            console.warn(&format!(
                "Docker's configuration gives no credential for {registry}; pulling without one"
            ));
            RegistryAuth::Anonymous
        }
    }
}

/// Where a blob goes. The registry chooses the digest: one that is none leads nowhere.
fn blob(folder: &Path, digest: &str) -> Result<std::path::PathBuf, Stop> {
    let hex = digest.strip_prefix("sha256:").filter(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    match hex {
        Some(hex) => Ok(folder.join("blobs/sha256").join(hex)),
        None => Err(Stop::new(
            Exit::Partial,
            "the registry names a blob by something that is no sha256 digest".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_protocols() {
        for (text, registry, plain) in [
            ("alpine", "index.docker.io", false),
            ("ghcr.io/org/app:1.2", "ghcr.io", false),
            ("localhost:5000/app", "localhost:5000", true),
            ("127.0.0.1:5000/app", "127.0.0.1:5000", true),
            ("localhost.evil.com/app", "localhost.evil.com", false),
        ] {
            let image = reference(text).unwrap();
            assert_eq!(image.resolve_registry(), registry, "{text}");
            assert_eq!(protocol(registry) == ClientProtocol::Http, plain, "{text}");
        }
        assert!(reference("UPPER CASE").is_err());
    }

    #[test]
    fn digests_lead_to_blobs_only() {
        let folder = Path::new("/layout");
        assert!(blob(folder, &format!("sha256:{}", "a".repeat(64))).is_ok());
        for bad in ["", "sha256:../../x", "sha512:aa", "../../etc/passwd"] {
            assert!(blob(folder, bad).is_err(), "{bad}");
        }
    }
}
