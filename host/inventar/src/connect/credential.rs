//! Credentials by reference: `SLOT=env:NAME`, and what is not secret about them.

use super::{a_secret_in, looks_secret, refuse_secret};
use crate::exit::Stop;
use inventar_model::{CredentialKind, CredentialSlot, CredentialSource};
use std::collections::BTreeMap;

const FLAG: &str = "--credential";

/// What may be said of a credential beside where it is.
const OPTIONS: &[&str] = &[
    "audience",
    "authority",
    "client-auth",
    "client-id",
    "context",
    "duration",
    "external-id",
    "kind",
    "region",
    "role",
    "scope",
    "session-name",
    "sts-url",
    "tenant",
    "token-url",
    "user",
    "vault-address",
    "vault-namespace",
];

/// Where a credential may be kept.
const SCHEMES: &[&str] = &["env", "file", "exec", "vault", "keyring", "profile", "web-identity"];

/// Reads `SLOT=REFERENCE[,OPTION=VALUE…]` for the slots of a manifest. Every slot that is not optional needs one.
pub(crate) fn credentials(
    given: &[String],
    slots: &[CredentialSlot],
) -> Result<BTreeMap<String, CredentialSource>, Stop> {
    let mut all = BTreeMap::new();
    for text in given {
        let (slot, source) = credential(text, slots)?;
        if all.insert(slot.clone(), source).is_some() {
            return Err(Stop::usage(format!("the slot `{slot}` is filled twice")));
        }
    }
    match slots.iter().find(|slot| !slot.optional && !all.contains_key(&slot.slot)) {
        Some(missing) => {
            Err(Stop::usage(format!("the plugin needs a credential `{}`: {}", missing.slot, missing.reason))
                .hint(example(missing)))
        }
        None => Ok(all),
    }
}

fn credential(text: &str, slots: &[CredentialSlot]) -> Result<(String, CredentialSource), Stop> {
    let names = || slots.iter().map(|slot| slot.slot.as_str());
    let unknown = |what: String| {
        let hint = match slots {
            [] => "this plugin needs no credential".to_owned(),
            slots => slots.iter().map(example).collect::<Vec<_>>().join("; or "),
        };
        Stop::usage(what).hint(hint)
    };
    let Some((name, rest)) = text.split_once('=') else {
        // It may be a secret: it is not repeated.
        return Err(unknown(format!("a {FLAG} is not SLOT=REFERENCE")));
    };
    let Some(slot) = slots.iter().find(|slot| slot.slot == name) else {
        if name.len() > 40 || looks_secret(text) {
            return Err(a_secret_in(FLAG));
        }
        return Err(unknown(format!(
            "there is no credential slot `{}`; {}",
            name.escape_debug(),
            crate::config::hint_for(name, names().collect::<Vec<_>>())
        )));
    };
    let (reference, options) = split_options(rest);
    check_reference(reference, slot)?;
    let mut known = BTreeMap::new();
    for (key, value) in options {
        refuse_secret(FLAG, key, value)?;
        if known.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Stop::usage(format!("the option `{key}` of `{name}` is given twice")));
        }
    }
    let kind = kind(slot, reference, known.remove("kind").as_deref())?;
    Ok((name.to_owned(), CredentialSource { kind, reference: reference.to_owned(), options: known }))
}

/// Cuts `REFERENCE,key=value,key=value`: a comma counts only before a known key, so that commands and names may have some.
fn split_options(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut cuts: Vec<usize> = text
        .match_indices(',')
        .map(|(at, _)| at)
        .filter(|at| {
            let rest = &text[at + 1..];
            rest.split_once('=').is_some_and(|(key, _)| OPTIONS.contains(&key))
        })
        .collect();
    let end = cuts.first().copied().unwrap_or(text.len());
    cuts.push(text.len());
    let options = cuts.windows(2).filter_map(|cut| text[cut[0] + 1..cut[1]].split_once('=')).collect();
    (&text[..end], options)
}

/// The form of a reference. What does not name a place may be the secret itself and is not repeated.
fn check_reference(reference: &str, slot: &CredentialSlot) -> Result<(), Stop> {
    let Some((scheme, place)) = reference.split_once(':').filter(|(scheme, _)| SCHEMES.contains(scheme))
    else {
        return Err(Stop::usage(format!(
            "the credential for `{}` does not say where the secret is kept; it was not kept here",
            slot.slot
        ))
        .hint(example(slot)));
    };
    let word = |text: &str, more: &str| {
        !text.is_empty()
            && text.len() <= 512
            && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let good = match scheme {
        "env" => word(place, "_") && !place.starts_with(|c: char| c.is_ascii_digit()),
        "web-identity" => place.is_empty(),
        "profile" => word(place, "-_.@ "),
        "vault" => place.split_once('#').is_some_and(|(path, field)| !path.is_empty() && !field.is_empty()),
        "keyring" => {
            place.split_once('/').is_some_and(|(service, user)| !service.is_empty() && !user.is_empty())
        }
        _ => !place.trim().is_empty() && place.len() <= 4_096 && !place.contains(char::is_control),
    };
    if !good {
        let form = match scheme {
            "env" => "env:NAME, the name of an environment variable",
            "web-identity" => "web-identity: with nothing behind it",
            "profile" => "profile:NAME",
            "vault" => "vault:PATH#FIELD",
            "keyring" => "keyring:SERVICE/USER",
            "exec" => "exec:COMMAND",
            _ => "file:PATH",
        };
        return Err(
            Stop::usage(format!("the credential for `{}` is not {form}", slot.slot)).hint(example(slot))
        );
    }
    // The name of a variable or file is no secret, whatever it reads like; a command line may hold one.
    if matches!(scheme, "exec") && looks_secret(place) || scheme == "env" && looks_secret(place) {
        return Err(a_secret_in(FLAG));
    }
    Ok(())
}

/// How the credential is used: as it says itself, as its reference tells, or as the slot takes.
fn kind(slot: &CredentialSlot, reference: &str, said: Option<&str>) -> Result<CredentialKind, Stop> {
    let words = || slot.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(said) = said {
        return slot.kinds.iter().copied().find(|kind| kind.as_str() == said).ok_or_else(|| {
            Stop::usage(format!("`{}` takes no credential of the kind `{}`", slot.slot, said.escape_debug()))
                .hint(format!("it takes: {}", words()))
        });
    }
    let is_aws =
        reference == "env:AWS" || reference.starts_with("profile:") || reference.starts_with("web-identity:");
    if is_aws {
        return if slot.kinds.contains(&CredentialKind::Aws) {
            Ok(CredentialKind::Aws)
        } else {
            Err(Stop::usage(format!("`{}` takes no credential of AWS", slot.slot))
                .hint(format!("it takes: {}", words())))
        };
    }
    // A token alone may lie in a file too: whoever means that says so.
    if reference.starts_with("file:") && slot.kinds.contains(&CredentialKind::Kubeconfig) {
        return Ok(CredentialKind::Kubeconfig);
    }
    match slot.kinds.as_slice() {
        [only] => Ok(*only),
        _ => Err(Stop::usage(format!("`{}` takes several kinds of credential", slot.slot)).hint(format!(
            "say which, as in {FLAG} {}={reference},kind={}; it takes: {}",
            slot.slot,
            slot.kinds[0],
            words()
        ))),
    }
}

/// An argument to copy.
fn example(slot: &CredentialSlot) -> String {
    let name = &slot.slot;
    let several = slot.kinds.len() > 1;
    match slot.kinds.first() {
        Some(CredentialKind::Aws) => {
            format!("{FLAG} {name}=env:AWS reads the usual AWS_… variables, {name}=profile:NAME a profile")
        }
        Some(CredentialKind::Kubeconfig) => format!("{FLAG} {name}=file:~/.kube/config,context=NAME"),
        Some(kind) => {
            let kind = if several { format!(",kind={kind}") } else { String::new() };
            format!(
                "put the secret into an environment variable and name it, as in {FLAG} {name}=env:{}{kind}",
                name.to_uppercase().replace('-', "_")
            )
        }
        None => format!("{FLAG} {name}=env:NAME"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::manifest;

    fn read(texts: &[&str]) -> String {
        let given: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        match credentials(&given, &manifest().credentials) {
            Ok(all) => all
                .iter()
                .map(|(slot, source)| {
                    format!("{slot}: {} {} {:?}", source.kind, source.reference, source.options)
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(stop) => stop.what().to_owned(),
        }
    }

    const OTHERS: &[&str] = &["aws=env:AWS", "cluster=file:~/.kube/config"];

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut all = vec![text];
        all.extend(OTHERS.iter().filter(|other| other.split('=').next() != text.split('=').next()));
        let read = read(&all);
        assert!(read.contains(expected), "{read}");
    }

    #[test]
    fn references() {
        check("aws=env:AWS", "aws: aws env:AWS {}");
        check("aws=profile:prod", "aws: aws profile:prod {}");
        check(
            "aws=env:AWS,role=arn:aws:iam::123456789012:role/a,b,external-id=x",
            r#"aws: aws env:AWS {"external-id": "x", "role": "arn:aws:iam::123456789012:role/a,b"}"#,
        );
        check("aws=exec:get-key a,b --x=y", "aws: aws exec:get-key a,b --x=y {}");
        check("login=env:MLFLOW,kind=basic", "login: basic env:MLFLOW {}");
        check("login=env:MLFLOW", "`login` takes several kinds of credential");
        check("login=profile:x", "`login` takes no credential of AWS");
        check("login=env:X,kind=aws", "`login` takes no credential of the kind `aws`");
        check(
            "cluster=file:~/.kube/config,context=prod",
            r#"cluster: kubeconfig file:~/.kube/config {"context": "prod"}"#,
        );
        check("aws=vault:secret/aws", "is not vault:PATH#FIELD");
        check("aws=env:", "is not env:NAME");
        check("aws=env:1A", "is not env:NAME");
        check("aws=env:A B", "is not env:NAME");
        check("awss=env:AWS", "there is no credential slot `awss`; did you mean `aws`?");
        assert!(read(&["aws=env:AWS"]).contains("needs a credential `cluster`"));
        assert!(read(&["aws=env:AWS", "aws=env:AWS"]).contains("filled twice"));
    }

    #[test]
    fn a_secret_instead_of_a_reference_is_never_repeated() {
        let key = ["AKIA", "IOSFODNN7EXAMPLQ"].concat();
        let openai = ["sk-", "proj-", &"Ab3dE5gH".repeat(6)].concat();
        for text in [
            format!("aws={key}"),
            format!("aws=env:{key}"),
            format!("aws={openai}"),
            format!("aws=env:AWS,client-id={openai}"),
            format!("aws=exec:get --token {openai}"),
            openai.clone(),
            key.clone(),
            format!("{openai}=env:AWS"),
        ] {
            let stop =
                credentials(std::slice::from_ref(&text), &manifest().credentials).unwrap_err().to_string();
            assert!(!stop.contains(&key) && !stop.contains(&openai), "{stop}");
        }
    }
}
