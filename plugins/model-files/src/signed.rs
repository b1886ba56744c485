//! Signatures as findings: what each file tells of itself, and what the bundle makes of it.

use crate::asset::{self, Known};
use crate::bytes::ReadAt;
use crate::folder::Role;
use crate::signing::{self, Bundle, Digesting, Signer};
use crate::{FACT, Settings, place};
use inventar_plugin_sdk::{
    Answer, Asset, AssetRef, Evidence, File, Finding, GapReason, Method, Relation, Severity, Span, Subject,
    Usage, Want,
};

/// Facts: a file's digest, a bundle, a key.
const DIGEST: &str = "sha256";
const BUNDLE: &str = "bundle";
const PEM: &str = "pem";
/// The key of the one asset of a bundle.
const SIGNATURE: &str = "signature";

/// Small files are digested in any case: a signature may be over them.
const MAX_SMALL: u64 = 128 << 10;
/// Weights of many formats are never small; a pickle may be, and there may be thousands.
const MAX_TINY: u64 = 16 << 10;
/// A call may read so much of all its files.
const MAX_DIGESTED: u64 = 192 << 20;
/// The names that keys and roots go by beside a signature.
const KEYS: &[&str] =
    &["public.pem", "public_key.pem", "key.pub", "cosign.pub", "model.pub", "ca.pem", "root.pem", "ca.crt"];

/// Whether the file may be a bundle.
pub(crate) fn is_bundle(file: &File) -> bool {
    file.size() <= signing::MAX_BUNDLE
        && file.head().trim_ascii_start().starts_with(b"{")
        && file.head().windows(14).any(|window| window == b"\"dsseEnvelope\"")
}

/// Whether the file is a public key or a certificate, which only a bundle asks for.
pub(crate) fn is_key(file: &File) -> bool {
    let head = file.head();
    file.size() <= 8 << 10
        && (head.starts_with(b"-----BEGIN PUBLIC KEY") || head.starts_with(b"-----BEGIN CERTIFICATE"))
}

pub(crate) fn key(file: &File, answer: &mut Answer) {
    if let Some(text) = file.text() {
        answer.fact(PEM, text);
    }
}

/// A bundle asks for every file it lists, and for keys beside it.
pub(crate) fn bundle(file: &File, answer: &mut Answer) {
    let Some(bundle) = file.text().and_then(signing::read) else { return };
    let folder = file.folder();
    for (name, _) in &bundle.resources {
        // The model's folder, or one beside the bundle that is called as the statement says.
        let below = place::beside(&join(folder, &bundle.subject), name).swap_remove(0);
        answer.want(Want::file(vec![below, join(folder, name)]));
    }
    for key in KEYS {
        answer.want(Want::file(vec![join(folder, key)]));
    }
    answer.asset(
        described(&file.path, &bundle, "unchecked", "nothing was compared yet")
            .seen(evidence(&file.path, "model-signature")),
    );
    answer.fact(BUNDLE, serde_json::to_value(&bundle).unwrap_or_default());
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn evidence(path: &str, rule: &str) -> Evidence {
    Evidence::new(Span { part: 0, start: 0, end: 1, line: 1 }, rule, Method::Parsed, Usage::of_path(path))
}

/// The digest of a small file, or of any if the operator asks; and a look for a signature that leaves it out.
pub(crate) fn digest(settings: &Settings, file: &File, answer: &mut Answer) {
    let is_side = Role::of(&file.path).is_some();
    let is_pulled = file.hits.is_empty();
    let is_model = !answer.assets.is_empty();
    let most = if is_side || is_pulled || !file.head().starts_with(b"\x80") { MAX_SMALL } else { MAX_TINY };
    let is_small = file.size() <= most;
    if is_small || settings.digests && is_model {
        if file.size() > MAX_DIGESTED {
            let detail = "the file is larger than a plugin may read to digest it";
            return answer.gap(&file.path, GapReason::TooLarge(MAX_DIGESTED), detail);
        }
        let mut digesting = Digesting::default();
        let mut at = 0;
        while at < ReadAt::size(file) {
            let bytes = file.read(at, 1 << 20);
            if bytes.is_empty() {
                break;
            }
            digesting.add(&bytes);
            at += bytes.len() as u64;
        }
        let sha256 = digesting.end();
        if settings.digests {
            for asset in answer
                .assets
                .iter_mut()
                .filter(|asset| asset.kind == "model-artifact" && asset.key == asset::WEIGHTS)
            {
                let is_known = asset.identifiers.iter().any(|identifier| identifier.scheme == "sha256");
                if !is_known {
                    asset.identifiers.push(inventar_plugin_sdk::Identifier::new("sha256", &sha256));
                }
            }
        }
        answer.fact(DIGEST, sha256);
    }
    let may_be_signed = is_side || is_model || file.name().ends_with(".py");
    if may_be_signed && !answer.facts.iter().any(|fact| fact.name == BUNDLE) {
        let folder = file.folder();
        let (parent, own) = folder.rsplit_once('/').unwrap_or(("", folder));
        let mut paths = vec![join(folder, "model.sig")];
        if !folder.is_empty() {
            paths.extend([
                join(parent, "model.sig"),
                join(parent, &format!("{own}.sig")),
                join(folder, &format!("{own}.sig")),
            ]);
        }
        answer.want(Want::file(paths));
    }
}

/// What a bundle makes of the files, and what a file makes of a bundle that leaves it out.
pub(crate) fn link(settings: &Settings, subject: &Subject, answer: &mut Answer) {
    let own = subject.file();
    match own.text(BUNDLE).and_then(|text| serde_json::from_str::<Bundle>(text).ok()) {
        Some(bundle) => judge(settings, subject, &bundle, answer),
        None => left_out(subject, answer),
    }
}

fn judge(settings: &Settings, subject: &Subject, bundle: &Bundle, answer: &mut Answer) {
    let path = &subject.file().path;
    let wanted = &subject.file().wants;
    let mut base: Option<String> = None;
    let mut wrong = bundle.wrong.clone();
    let mut unchecked = bundle.unchecked.clone();
    let mut covered = vec![];
    for ((name, digest), wanted) in bundle.resources.iter().zip(wanted) {
        let Some((at, part)) = subject.part(wanted) else {
            wrong.get_or_insert(format!("`{name}` is not there"));
            continue;
        };
        let folder = part.path.strip_suffix(name.as_str()).unwrap_or_default().to_owned();
        if *base.get_or_insert_with(|| folder.clone()) != folder {
            wrong.get_or_insert(format!("`{name}` is not there"));
        }
        match part.text(DIGEST) {
            Some(found) if found == digest => covered.push((at, part)),
            Some(_) => wrong = Some(format!("`{name}` is not what was signed")),
            None => drop(unchecked.get_or_insert(format!("`{name}` was not digested; set `digests`"))),
        }
    }
    let beside: Vec<&str> = wanted
        .iter()
        .skip(bundle.resources.len())
        .filter_map(|wanted| subject.part(wanted)?.1.text(PEM))
        .collect();
    let trusted: Vec<&str> = settings.trusted_keys.iter().map(String::as_str).collect();
    let (keys, trust) = if trusted.is_empty() {
        (beside, "found beside the signature")
    } else {
        (trusted, "in the settings")
    };
    let signer = signing::signer(bundle, &keys);
    let (state, reason, who) = match (&signer, wrong, unchecked) {
        (_, Some(wrong), _) => ("invalid", wrong, None),
        (Signer::Nobody(why), None, _) => ("invalid", why.clone(), None),
        (Signer::Unknown(why), None, _) => ("unchecked", why.clone(), None),
        (_, None, Some(unchecked)) => ("unchecked", unchecked, None),
        (Signer::Key(key), None, None) => {
            ("valid", format!("its key was {trust}"), Some(format!("key sha256:{key}")))
        }
        (Signer::Certificate(subject, root), None, None) => {
            ("valid", format!("its root `{root}` was {trust}"), Some(subject.clone()))
        }
    };
    let seen = evidence(path, "model-signature").snippet(&format!("{state}: {reason}"));
    answer.asset(described(path, bundle, state, &reason).maybe("signer", who).seen(seen.clone()));
    for (part, file) in covered {
        let is_listed = |known: Known| !matches!(known.format.as_str(), "model-card" | "dataset-card");
        let known = file.text(FACT).and_then(|known| serde_json::from_str(known).ok());
        if known.is_some_and(is_listed) {
            let target = AssetRef::known_as("path", &file.path);
            let covers = Relation::new(AssetRef::here(SIGNATURE), "x-inventar.covers", target);
            answer.relation(covers.property("part", part).seen(seen.clone()));
        }
    }
    if state == "invalid" {
        report(
            AssetRef::here(SIGNATURE),
            &format!("The signature of this model is invalid: {reason}"),
            seen,
            answer,
        );
    }
}

/// A file below a signed model that the signature does not know.
fn left_out(subject: &Subject, answer: &mut Answer) {
    let own = subject.file();
    let found = own.wants.iter().filter_map(|wanted| subject.part(wanted)).find_map(|(_, part)| {
        let bundle: Bundle = serde_json::from_str(part.text(BUNDLE)?).ok()?;
        Some((part.path.clone(), bundle))
    });
    let Some((signature, bundle)) = found else { return };
    let folder = signature.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = join(folder, &bundle.subject);
    let name = own.path.strip_prefix(&format!("{below}/")).or_else(|| {
        let rest = if folder.is_empty() {
            Some(own.path.as_str())
        } else {
            own.path.strip_prefix(&format!("{folder}/"))
        };
        // Beside the bundle stands the model itself only where the bundle lists what stands there.
        rest.filter(|_| {
            !bundle.subject.is_empty() && folder.rsplit('/').next() == Some(bundle.subject.as_str())
        })
    });
    let Some(name) = name.filter(|name| !bundle.covers(name)) else { return };
    let seen = evidence(&own.path, "unsigned-file").snippet(&format!("{signature} does not list `{name}`"));
    let about = AssetRef::known_as("path", &signature);
    report(about, &format!("The signature of this model is invalid: `{name}` is not listed"), seen, answer);
}

fn report(about: AssetRef, title: &str, seen: Evidence, answer: &mut Answer) {
    answer.finding(Finding {
        rule: "invalid-model-signature".to_owned(),
        severity: Severity::High,
        title: title.chars().take(300).collect(),
        about: vec![about],
        properties: vec![],
        evidence: vec![seen],
    });
}

fn described(path: &str, bundle: &Bundle, state: &str, reason: &str) -> Asset {
    let method = if bundle.chain.is_empty() { "key" } else { "certificate" };
    let name = if bundle.subject.is_empty() {
        "model signature".to_owned()
    } else {
        format!("signature of {}", bundle.subject)
    };
    Asset::new(SIGNATURE, "control-evidence", name.chars().take(400).collect::<String>())
        .identifier("path", path)
        .property("format", "openssf-model-signature")
        .property("signature", state)
        .property("reason", reason)
        .property("method", method)
        .property("files", bundle.n_resources)
}
