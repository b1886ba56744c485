//! A kubeconfig: the cluster of a context, and the token, certificate or program that signs in to it.
//!
//! `file:PATH` is one file; `env:KUBECONFIG` is what `kubectl` would use: the files it names, the first to say
//! something winning, or `~/.kube/config`. Any other reference is the document itself.

mod document;
mod plugin;

use super::fault::Fault;
use super::reference::Reference;
use super::{ClientTls, Cluster, Context, Identity, Material, Put, header_value, source};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use document::{Document, User};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};

/// Files that `KUBECONFIG` may name.
const MAX_FILES: usize = 16;
const TOKEN_FILE_FRESH: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn fetch(reference: &Reference, context: &Context<'_>) -> Result<Material, Fault> {
    let mut material = Material::default();
    let document = read(reference, context, &mut material).await?;
    let (name, chosen) = document.context(context.option("context"))?;
    let cluster = document.cluster(&chosen.cluster)?;
    let authority = pem(
        "certificate-authority",
        cluster.value.authority_data.as_ref(),
        cluster.value.authority.as_deref(),
        &cluster.folder,
    )
    .await?;
    let authority = authority.map(|pem| pem.expose_secret().to_owned());
    if cluster.value.insecure {
        return Err(Fault::unsupported(
            "its cluster has `insecure-skip-tls-verify`",
            "name the cluster's authority in `certificate-authority` instead",
        ));
    }
    material.cluster = Some(Cluster {
        context: name.to_owned(),
        server: cluster.value.server.clone(),
        authority: authority.clone(),
    });
    material.who.account = Some(chosen.cluster.clone());
    material.who.who = chosen.user.clone();
    let mut signed_in = SignedIn::default();
    if let Some(user) = document.user(&chosen.user)? {
        signed_in = sign_in(&user.value, &user.folder, &cluster.value.server, context, &mut material).await?;
    }
    material.secrets.extend(signed_in.secrets());
    material.expires = signed_in.expires;
    let SignedIn { header, certificate, key, .. } = signed_in;
    if let Some(value) = header {
        material.put = Put::Header("authorization".into(), header_value(value.expose_secret().to_owned())?);
    }
    if certificate.is_some() != key.is_some() {
        return Err(Fault::malformed(
            "its client certificate or the key to it is missing",
            "add the other one",
        ));
    }
    let certificate = certificate.map(|pem| pem.expose_secret().to_owned());
    if authority.is_some() || certificate.is_some() {
        material.tls = Some(ClientTls { authority, certificate, key });
    }
    Ok(material)
}

/// What a user signs in with.
#[derive(Default)]
struct SignedIn {
    /// The whole value of `authorization`.
    header: Option<SecretString>,
    /// The parts of it that are secret.
    parts: Vec<SecretString>,
    certificate: Option<SecretString>,
    key: Option<SecretString>,
    expires: Option<Timestamp>,
}

impl SignedIn {
    fn bearer(&mut self, token: SecretString) {
        self.header = Some(SecretString::from(format!("Bearer {}", token.expose_secret())));
        self.parts.push(token);
    }

    fn secrets(&self) -> Vec<SecretString> {
        self.parts.iter().chain(&self.key).cloned().collect()
    }
}

async fn sign_in(
    user: &User,
    folder: &Path,
    server: &str,
    context: &Context<'_>,
    material: &mut Material,
) -> Result<SignedIn, Fault> {
    user.check()?;
    let mut signed_in = SignedIn {
        certificate: pem(
            "client-certificate",
            user.certificate_data.as_ref(),
            user.certificate.as_deref(),
            folder,
        )
        .await?,
        key: pem("client-key", user.key_data.as_ref(), user.key.as_deref(), folder).await?,
        ..SignedIn::default()
    };
    if let Some(path) = user.key.as_ref().filter(|_| user.key_data.is_none()) {
        material.who.warnings.extend(source::others_can_read(&folder.join(path)).await);
    }
    // The file is the fresher of the two, and what kubectl prefers.
    if let Some(path) = &user.token_file {
        let token = source::contents(&folder.join(path)).await?;
        signed_in.bearer(SecretString::from(token.expose_secret().trim()));
        material.fresh_for = Some(TOKEN_FILE_FRESH);
    } else if let Some(token) = &user.token {
        signed_in.bearer(token.clone());
    } else if let (Some(name), Some(password)) = (&user.username, &user.password) {
        let pair = SecretString::from(format!("{name}:{}", password.expose_secret()));
        signed_in.header =
            Some(SecretString::from(format!("Basic {}", STANDARD.encode(pair.expose_secret()))));
        signed_in.parts.extend([password.clone(), pair]);
    } else if let Some(plugin) = &user.exec {
        let status = plugin::run(plugin, folder, server, context).await?;
        signed_in.expires = status.expires;
        if let Some(token) = status.token {
            signed_in.bearer(token);
        }
        if let (Some(certificate), Some(key)) = (status.certificate, status.key) {
            signed_in.certificate = Some(certificate);
            signed_in.key = Some(key);
        }
    }
    Ok(signed_in)
}

/// The document behind a reference, each part of it with the folder that its relative paths begin in.
async fn read(
    reference: &Reference,
    context: &Context<'_>,
    material: &mut Material,
) -> Result<Document, Fault> {
    let files = match reference {
        Reference::File { path, field: None } => vec![context.surroundings.path(path)],
        Reference::Env(name) => match context.surroundings.plain(name) {
            Some(text) if text.contains('\n') => vec![],
            Some(paths) => {
                std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()).collect()
            }
            None if name == "KUBECONFIG" => vec![context.surroundings.path("~/.kube/config")],
            None => vec![],
        },
        _ => vec![],
    };
    let mut document = Document::default();
    if files.is_empty() {
        let read = source::read(reference, context).await?;
        document.add(read.text.expose_secret(), Path::new(""))?;
        // The document is not a secret as a whole; what of it is one is known when it was read.
        material.secrets.extend(read.secrets);
        material.who = Identity { warnings: read.warnings, ..Identity::default() };
        material.fresh_for = read.fresh_for;
        return Ok(document);
    }
    let several = files.len() > 1;
    for path in files.into_iter().take(MAX_FILES) {
        if several && !tokio::fs::try_exists(&path).await.unwrap_or(false) {
            continue;
        }
        let text = source::contents(&path).await?;
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        document.add(text.expose_secret(), &folder)?;
        material.who.warnings.extend(source::others_can_read(&path).await);
    }
    Ok(document)
}

/// PEM from base64 in the document, or from a file.
async fn pem(
    what: &str,
    data: Option<&SecretString>,
    path: Option<&str>,
    folder: &Path,
) -> Result<Option<SecretString>, Fault> {
    let text = match (data, path) {
        (Some(data), _) => {
            let bytes = STANDARD.decode(data.expose_secret().trim()).ok();
            match bytes.map(zeroize::Zeroizing::new).as_ref().map(|bytes| std::str::from_utf8(bytes)) {
                Some(Ok(text)) => SecretString::from(text),
                _ => {
                    return Err(Fault::malformed(
                        format!("its `{what}-data` is no base64 of a PEM"),
                        "check it",
                    ));
                }
            }
        }
        (None, Some(path)) => source::contents(&folder.join(path)).await?,
        (None, None) => return Ok(None),
    };
    if text.expose_secret().contains("-----BEGIN ") {
        Ok(Some(text))
    } else {
        Err(Fault::malformed(format!("its `{what}` is no PEM"), "check it"))
    }
}
