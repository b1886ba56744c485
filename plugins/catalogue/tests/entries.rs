//! Every entry is well-formed, found by its own lookup, and there are as many as promised.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use inventar_catalogue::{
    ECOSYSTEMS, ci_action, ci_program, ci_tools, common_imports, container_image, container_images,
    endpoint_of_url, endpoints, families, family, imports, model_families, model_pattern_count, names,
    package, packages, resource_type, resource_types, secret, secrets,
};
use inventar_model::AssetKind;
use packageurl::PackageUrl;
use std::collections::BTreeSet;
use std::str::FromStr;

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
}

#[test]
fn there_are_as_many_as_promised() {
    let families: BTreeSet<&str> = model_families().iter().map(|family| family.family).collect();
    let counts = [
        ("packages", packages().len(), 600),
        ("model patterns", model_pattern_count(), 1000),
        ("endpoints", endpoints().count(), 200),
        ("key names", secrets().len(), 150),
        ("resource types", resource_types().len(), 150),
        ("images", container_images().len(), 100),
        ("steps of CI", ci_tools().count(), 50),
    ];
    for (what, found, promised) in counts {
        println!("{what}: {found}");
        assert!(found >= promised, "{found} {what}");
    }
    println!("model families: {}", families.len());
    for ecosystem in ECOSYSTEMS {
        println!(
            "packages of {}: {}",
            ecosystem.id,
            packages().iter().filter(|p| p.ecosystem == ecosystem.id).count()
        );
    }
}

#[test]
fn packages_are_found_by_name_and_import() {
    for entry in packages() {
        let what = format!("{} {}", entry.ecosystem, entry.name);
        assert_eq!(package(entry.ecosystem, entry.name), Some(entry), "{what}");
        assert!(AssetKind::new(entry.kind).is_ok(), "{what}: {}", entry.kind);
        assert!(is_word(entry.category), "{what}");
        assert!(entry.provider.is_none_or(is_word), "{what}: {:?}", entry.provider);
        assert!(
            entry.source().starts_with("https://")
                && entry.source().contains(entry.name.split([':', '@']).next_back().unwrap_or("")),
            "{what}"
        );
        let purl = PackageUrl::from_str(&entry.purl()).unwrap_or_else(|error| panic!("{what}: {error}"));
        let kind = if entry.ecosystem == "julia" { "generic" } else { entry.ecosystem };
        assert_eq!(purl.ty(), kind, "{what}");
        assert_eq!(purl.to_string(), entry.purl(), "{what} is not canonical");
        let language = ECOSYSTEMS.iter().find(|e| e.id == entry.ecosystem).map_or("", |e| e.language);
        for module in entry.imports {
            assert!(imports(language, module).any(|found| found == entry), "{what}: {module}");
        }
        for module in entry.common_imports {
            assert!(common_imports(language, module).any(|found| found == entry), "{what}: {module}");
        }
    }
}

#[test]
fn families_are_found_by_what_begins_so() {
    for entry in families() {
        assert_eq!(
            family(entry.ecosystem, &format!("{}x-new-part", entry.prefix)).map(|f| f.kind),
            Some(entry.kind),
            "{}",
            entry.prefix
        );
        assert!(AssetKind::new(entry.kind).is_ok() && is_word(entry.category), "{}", entry.prefix);
    }
    assert_eq!(family("pypi", "langchain").map(|family| family.prefix), None);
    assert_eq!(family("pypi", "requests"), None);
}

#[test]
fn models_have_providers_and_known_kinds() {
    const KINDS: &[&str] = &[
        "3d",
        "chat",
        "classification",
        "code",
        "completion",
        "embedding",
        "forecasting",
        "image",
        "moderation",
        "music",
        "reasoning",
        "rerank",
        "speech",
        "transcription",
        "translation",
        "video",
        "vision",
    ];
    for family in model_families() {
        assert!(is_word(family.provider), "{family:?}");
        assert!(KINDS.contains(&family.kind), "{family:?}");
        assert!(family.source.starts_with("https://") && !family.patterns.is_empty(), "{family:?}");
    }
}

#[test]
fn endpoints_are_found_by_a_host_of_theirs() {
    for entry in endpoints() {
        assert!(is_word(entry.provider) && is_word(entry.kind), "{entry:?}");
        let host = entry.host.replace('*', "eu-central-1");
        let found = |url: &str| {
            let found = endpoint_of_url(url).unwrap_or_else(|| panic!("{url} is not found"));
            assert_eq!(found.provider, entry.provider, "{url}");
        };
        if entry.paths.is_empty() {
            found(&format!("https://{host}/x"));
        }
        for path in entry.paths {
            found(&match path.strip_suffix('$') {
                Some(all) => format!("https://{host}{all}"),
                None => format!("https://{host}{path}/x"),
            });
        }
    }
}

#[test]
fn secrets_are_found_and_named_like_variables() {
    for entry in secrets() {
        assert_eq!(secret(entry.name), Some(entry));
        assert!(
            entry.name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
            "{entry:?}"
        );
        assert!(is_word(entry.provider) && is_word(entry.kind), "{entry:?}");
    }
}

#[test]
fn infrastructure_is_found_by_name() {
    let instance = |pattern: &str| pattern.replace('*', "x");
    for entry in resource_types() {
        let found = resource_type(entry.dialect, &instance(entry.name));
        assert_eq!(found.map(|found| found.name), Some(entry.name));
        assert!(is_word(entry.provider) && is_word(entry.category), "{entry:?}");
    }
    for entry in container_images() {
        let reference = format!("{}:1.0", instance(entry.name));
        assert_eq!(container_image(&reference), Some(entry), "{reference}");
        assert!(is_word(entry.provider) && is_word(entry.category), "{entry:?}");
    }
    for entry in ci_tools() {
        let name = instance(entry.pattern);
        let found = if name.contains('/') { ci_action(&name) } else { ci_program(&name) };
        assert_eq!(found, Some(entry), "{name}");
        assert!(is_word(entry.provider), "{entry:?}");
    }
}

#[test]
fn claims_have_sorted_unique_texts() {
    for ecosystem in ECOSYSTEMS {
        let names = names(ecosystem.id);
        assert!(names.is_sorted() && !names.is_empty(), "{}", ecosystem.id);
    }
    let modules = inventar_catalogue::literals("python");
    assert!(modules.windows(2).all(|pair| pair[0] < pair[1]));
}
