//! Which library of the build a file's imports come from.
//!
//! A starter brings the modules that code imports: who declares `spring-ai-starter-model-openai` imports
//! `org.springframework.ai.openai` and has one dependency, not two. So a file with such imports asks the build beside
//! it, and an import of a module that the build does not declare itself is evidence for the library that brings it.

use inventar_plugin_sdk::{Answer, Asset, Evidence, Method, Span, Subject, Usage, Want};

/// What a source file tells of its imports, and what a build tells of its libraries.
const IMPORTS: &str = "imports";
const LIBRARIES: &str = "libraries";

/// Families of modules that are brought by starters and extensions: what a module's name begins with, and what is in the
/// name of whatever brings it.
const FAMILIES: &[(&str, &str)] = &[
    ("org.springframework.ai:spring-ai-", "spring-ai"),
    ("dev.langchain4j:langchain4j", "langchain4j"),
    ("com.alibaba.cloud.ai:spring-ai-alibaba-", "spring-ai-alibaba"),
];

/// The most imports of a file and libraries of a build that are told.
const MOST: usize = 100;

/// Whether a file is a build's.
pub(crate) fn is_build(name: &str) -> bool {
    matches!(name, "pom.xml" | "build.gradle" | "build.gradle.kts" | "libs.versions.toml")
}

/// Tells which AI libraries a build names, wherever in it they stand.
pub(crate) fn libraries(text: &str) -> Answer {
    let mut answer = Answer::default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let mut names: Vec<&str> = without_comments(text)
        .flat_map(|part| part.split(|c: char| !is_name(c)))
        .filter(|word| FAMILIES.iter().any(|(_, part)| word.contains(part)) && word.len() <= 100)
        .filter(|word| !word.ends_with("-bom") && !word.contains(".version"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST);
    if !names.is_empty() {
        answer.fact(LIBRARIES, names.join("\n"));
    }
    answer
}

/// The parts of a build that are no comment: of `<!-- … -->`, and in Gradle of `//` that begins a line.
fn without_comments(text: &str) -> impl Iterator<Item = &str> {
    let mut parts = text.split("<!--");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once("-->").map_or("", |(_, behind)| behind));
    std::iter::once(first).chain(rest).flat_map(|part| {
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        part.lines().filter(is_code)
    })
}

/// Whether a file lies in the packages of a module's own group: a library's own files are not brought by anything.
fn is_own(path: &str, module: &str) -> bool {
    let group = module.split(':').next().unwrap_or_default().replace('.', "/");
    path.match_indices(&*group)
        .any(|(at, _)| path[at + group.len()..].starts_with('/') && (at == 0 || path[..at].ends_with('/')))
}

/// Asks the build which of its libraries brings what the file imports.
pub(crate) fn ask(path: &str, answer: &mut Answer) {
    let lines: Vec<String> = answer
        .assets
        .iter()
        .filter(|asset| asset.key.starts_with("package:") && family(&asset.name).is_some())
        .filter(|asset| !is_own(path, &asset.name))
        .filter_map(|asset| {
            let seen = asset.evidence.first()?;
            let span = seen.span();
            let snippet = seen.snippet.as_deref().unwrap_or_default().replace(['\n', '\t'], " ");
            let (start, end, line) = (span.start, span.end, span.line);
            let usage = inventar_analysis::link::usage_number(seen.usage);
            Some(format!("{}\t{start}\t{end}\t{line}\t{usage}\t{snippet}", asset.name))
        })
        .take(MOST)
        .collect();
    if lines.is_empty() {
        return;
    }
    answer.fact(IMPORTS, lines.join("\n"));
    let builds = |folder: &str| {
        ["build.gradle.kts", "build.gradle", "pom.xml"].map(|name| format!("{folder}{name}")).to_vec()
    };
    // `chat/src/main/java/…` belongs to the build of `chat`, and that to the build of the whole.
    let own = before_sources(path);
    answer.want(Want::file(builds(own)));
    if let Some((above, _)) = own.trim_end_matches('/').rsplit_once('/') {
        answer.want(Want::file(builds(&format!("{above}/"))));
    }
    if !own.is_empty() {
        answer.want(Want::file(builds("")));
    }
    answer.want(Want::file(vec!["gradle/libs.versions.toml".to_owned()]));
}

/// The folder of the build that a source file belongs to, with its slash: before `src/main/` or `src/test/`, else before
/// the last `src/`.
fn before_sources(path: &str) -> &str {
    let starts = || {
        let all = path.match_indices("src/").map(|(at, _)| at);
        all.filter(|at| *at == 0 || path[..*at].ends_with('/'))
    };
    let is_set = |at: &usize| ["src/main/", "src/test/"].iter().any(|set| path[*at..].starts_with(set));
    starts().find(is_set).or_else(|| starts().last()).map_or("", |at| &path[..at])
}

/// Answers [`ask`]: imports of modules that the build does not declare become sights of what brings them.
pub(crate) fn link(subject: &Subject) -> Answer {
    let mut answer = Answer::default();
    let builds: Vec<Vec<&str>> = subject
        .file()
        .wants
        .iter()
        .filter_map(|wanted| Some(subject.part(wanted)?.1.text(LIBRARIES)?.lines().collect()))
        .collect();
    let declared = |artifact: &str| builds.iter().any(|names| names.contains(&artifact));
    for line in subject.file().text(IMPORTS).unwrap_or_default().lines() {
        let mut fields = line.splitn(6, '\t');
        let mut field = || fields.next().unwrap_or_default();
        let (module, start, end, at) = (field(), field(), field(), field());
        let (usage, snippet) = (field(), field());
        let (Some(part), Some((_, artifact))) = (family(module), module.split_once(':')) else { continue };
        if declared(artifact) {
            continue;
        }
        // The nearest build that has a library of the family decides.
        let Some(library) = builds.iter().find_map(|names| brings(names, artifact, part)) else { continue };
        let Some((library, kind, category, provider)) = known(library) else { continue };
        let number = |text: &str| text.parse::<usize>().unwrap_or_default();
        let span = Span::new(number(start)..number(end), number(at) as u32);
        let usage = inventar_analysis::link::usage_of_number(usage.parse().unwrap_or_default());
        let seen = Evidence::new(span, "import", Method::Parsed, usage.at_most(Usage::Runtime))
            .confidence(95)
            .snippet(snippet);
        answer.sight(&format!("package:{module}"), seen, || {
            Asset::new(format!("package:{module}"), kind, &library)
                .identifier("purl", inventar_catalogue::purl("maven", &library))
                .property("category", category)
                .maybe("provider", provider)
        });
    }
    answer
}

/// What is in the name of whatever brings a module.
fn family(module: &str) -> Option<&'static str> {
    FAMILIES.iter().find(|(front, _)| module.starts_with(front)).map(|(_, part)| *part)
}

/// Of the libraries of a build the one that most likely brings a module: it shares the most words with it; where none
/// does, a starter of a model brings what all have in common.
fn brings<'n>(names: &[&'n str], artifact: &str, part: &str) -> Option<&'n str> {
    const COMMON: &[&str] =
        &["spring", "ai", "starter", "boot", "client", "chat", "commons", "core", "langchain4j"];
    let wanted: Vec<&str> = artifact.split('-').filter(|word| !COMMON.contains(word)).collect();
    let shares = |name: &str| name.split('-').filter(|word| wanted.contains(word)).count();
    names
        .iter()
        .filter(|name| name.contains(part) && known(name).is_some())
        .max_by_key(|name| (shares(name), name.contains("-model-"), std::cmp::Reverse(**name)))
        .copied()
}

type Library = (String, &'static str, &'static str, Option<&'static str>);

/// The library that an artifact is: its full name, its kind, what it is for and whose it is.
fn known(artifact: &str) -> Option<Library> {
    let listed = inventar_catalogue::packages().iter().find(|package| {
        package.ecosystem == "maven" && package.name.split_once(':').is_some_and(|(_, name)| name == artifact)
    });
    if let Some(package) = listed {
        return Some((package.name.to_owned(), package.kind, package.category, package.provider));
    }
    let family = inventar_catalogue::families().iter().find(|family| {
        family.ecosystem == "maven"
            && family
                .prefix
                .split_once(':')
                .is_some_and(|(_, front)| !front.is_empty() && artifact.starts_with(front))
    })?;
    let (group, _) = family.prefix.split_once(':')?;
    Some((format!("{group}:{artifact}"), family.kind, family.category, family.provider))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_beside_the_code() {
        for (path, expected) in [
            ("chat/src/main/java/app/Chat.java", "chat/"),
            ("src/main/kotlin/A.kt", ""),
            ("src/chat/src/main/java/app/Chat.java", "src/chat/"),
            ("mysrc/chat/src/test/java/A.java", "mysrc/chat/"),
            ("a/src/b/src/A.java", "a/src/b/"),
            ("app/A.java", ""),
        ] {
            assert_eq!(before_sources(path), expected, "{path}");
        }
    }

    #[test]
    fn files_of_the_library_itself() {
        let module = "dev.langchain4j:langchain4j-core";
        assert!(is_own("core/src/main/java/dev/langchain4j/Internal.java", module));
        assert!(!is_own("src/main/java/acme/dev/langchain4jx/A.java", module));
        assert!(!is_own("src/main/java/acme/langchain4j/A.java", module));
    }

    #[test]
    fn what_a_comment_leaves_out() {
        let build = "<a>spring-ai-a</a> <!-- <b>spring-ai-b</b>\n<c>spring-ai-c</c> --> <d>spring-ai-d</d>\n  // spring-ai-e\n";
        let told: Vec<&str> = without_comments(build).collect();
        assert_eq!(told, ["<a>spring-ai-a</a> ", " <d>spring-ai-d</d>"]);
    }

    #[test]
    fn what_brings_a_module() {
        let build = [
            "spring-ai-pdf-document-reader",
            "spring-ai-starter-mcp-client",
            "spring-ai-starter-model-ollama",
        ];
        for (artifact, library) in [
            ("spring-ai-ollama", "spring-ai-starter-model-ollama"),
            ("spring-ai-client-chat", "spring-ai-starter-model-ollama"),
            ("spring-ai-commons", "spring-ai-starter-model-ollama"),
            ("spring-ai-mcp", "spring-ai-starter-mcp-client"),
        ] {
            assert_eq!(brings(&build, artifact, "spring-ai"), Some(library), "{artifact}");
        }
        assert_eq!(brings(&build, "langchain4j-core", "langchain4j"), None);
    }
}
