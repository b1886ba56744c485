//! Which packages a command installs.

use crate::command::Word;
use inventar_plugin_sdk::Version;
use std::ops::Range;

/// One package that a command installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Install<'t> {
    pub(crate) name: &'t str,
    pub(crate) version: Option<Version>,
    /// The requirement as written.
    pub(crate) at: Range<usize>,
}

/// What a command installs from PyPI; conda's packages of the same name are the same software.
pub(crate) fn installs<'t>(command: &[Word<'t>]) -> Vec<Install<'t>> {
    let Some(rest) = arguments(command) else { return vec![] };
    let mut found = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let text = word.text;
        if text.starts_with('#') {
            break;
        }
        // Where output goes: `> /dev/null`, `2>&1`, `>log.txt`.
        let redirected = text.trim_start_matches(|c: char| c.is_ascii_digit());
        if redirected.starts_with('>') || redirected.starts_with('<') {
            if redirected.trim_start_matches(['>', '<']).is_empty() {
                words.next();
            }
            continue;
        }
        if text.starts_with('-') {
            if takes_a_value(text) {
                words.next();
            }
            continue;
        }
        found.extend(requirement(text, word.at.start));
    }
    found
}

/// The words behind `pip install`, `uv add` and the like.
fn arguments<'w, 't>(command: &'w [Word<'t>]) -> Option<&'w [Word<'t>]> {
    for (at, pair) in command.windows(2).enumerate().take(12) {
        let program = pair[0].text.rsplit('/').next().unwrap_or_default();
        let installs = match pair[1].text {
            "install" => {
                matches!(program, "conda" | "mamba" | "micromamba" | "pipenv")
                    || program.strip_prefix("pip").is_some_and(|version| {
                        version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                    })
            }
            "add" => matches!(program, "uv" | "poetry" | "pdm" | "rye"),
            _ => false,
        };
        if installs {
            return Some(&command[at + 2..]);
        }
    }
    None
}

fn takes_a_value(option: &str) -> bool {
    matches!(
        option,
        "-r" | "-c"
            | "-i"
            | "-f"
            | "-e"
            | "-t"
            | "-n"
            | "-p"
            | "-G"
            | "--requirement"
            | "--constraint"
            | "--index-url"
            | "--extra-index-url"
            | "--index"
            | "--find-links"
            | "--editable"
            | "--target"
            | "--prefix"
            | "--python"
            | "--platform"
            | "--channel"
            | "--name"
            | "--group"
            | "--trusted-host"
            | "--root-user-action"
            | "--progress-bar"
            | "--no-binary"
            | "--only-binary"
            | "--timeout"
    )
}

/// One requirement: `openai[datalib]==1.2`, `conda-forge::x=1.0`, `git+https://…/transformers.git@main`.
pub(crate) fn requirement(text: &str, at: usize) -> Option<Install<'_>> {
    let whole = at..at + text.len();
    if let Some(address) = text.strip_prefix("git+") {
        let path = address.split(['#', '?']).next()?.split_once("://")?.1;
        // The credentials and the branch both stand at an `@`; the branch comes after the last `/`.
        let last = path.trim_end_matches('/').rsplit('/').next()?;
        let name = last.split('@').next()?.trim_end_matches(".git");
        let version = Some(Version::Floating("git".to_owned()));
        return is_name(name).then_some(Install { name, version, at: whole });
    }
    let (skipped, text) = match text.split_once("::") {
        Some((channel, rest)) => (channel.len() + 2, rest),
        None => (0, text),
    };
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let name = &text[..end];
    if !is_name(name) || name.ends_with(".txt") || name.ends_with(".whl") {
        return None;
    }
    let mut rest = text[end..].trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim_start();
    }
    if rest.starts_with('@') {
        let version = Some(Version::Floating("url".to_owned()));
        return Some(Install { name, version, at: at + skipped..whole.end });
    }
    let asked = rest.split([';', '#']).next().unwrap_or_default();
    let asked = asked.trim().trim_matches(['"', '\'']).trim();
    let version = match asked.trim_start_matches('=') {
        _ if asked.is_empty() => None,
        // conda writes `x=1.0`, pip `x==1.0`.
        pinned if pinned.len() < asked.len() && is_version(pinned.trim()) => {
            Some(Version::Exact(pinned.trim().trim_matches(['"', '\'']).to_owned()))
        }
        _ if asked.starts_with(['=', '<', '>', '!', '~']) && !asked.contains(['{', '$']) => {
            Some(Version::Range(asked.to_owned()))
        }
        // A path, a template, an assignment.
        _ if asked.starts_with(['=', '<', '>', '!', '~']) => None,
        _ => return None,
    };
    Some(Install { name, version, at: at + skipped..whole.end })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn is_version(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'!' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::commands;

    #[track_caller]
    fn check(line: &str, expected: &[(&str, Option<&str>)]) {
        let commands = commands(line, 0);
        let found: Vec<Install<'_>> = commands.iter().flat_map(|command| installs(command)).collect();
        let seen: Vec<(&str, Option<String>)> = found
            .iter()
            .map(|install| {
                let version = install.version.as_ref().map(|version| match version {
                    Version::Exact(text) => text.clone(),
                    Version::Range(text) | Version::Floating(text) => format!("~ {text}"),
                });
                (install.name, version)
            })
            .collect();
        let seen: Vec<(&str, Option<&str>)> =
            seen.iter().map(|(name, version)| (*name, version.as_deref())).collect();
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn pip() {
        check("pip install openai", &[("openai", None)]);
        check(
            "pip3 install -qU openai==1.60.0 \"langchain>=0.3,<0.4\"",
            &[("openai", Some("1.60.0")), ("langchain", Some("~ >=0.3,<0.4"))],
        );
        check("{sys.executable} -m pip install 'crewai[tools]'==0.28.8", &[("crewai", None)]);
        check("pip install crewai[tools]==0.28.8", &[("crewai", Some("0.28.8"))]);
        check("python3 -m pip install a==1.* b=={version}", &[("a", Some("~ ==1.*")), ("b", None)]);
        check("pip install -r requirements.txt --index-url https://u:p@x/simple torch", &[("torch", None)]);
        check("pip install openai > /dev/null 2>&1", &[("openai", None)]);
        check("pip install -e . ./x https://x/y.whl $NAME", &[]);
        check(
            "pip install git+https://github.com/huggingface/transformers.git@main",
            &[("transformers", Some("~ git"))],
        );
        check("apt-get install x && pip install y", &[("y", None)]);
        check("pip freeze | grep openai", &[]);
        check("pip uninstall -y openai", &[]);
        check("echo pip is great", &[]);
    }

    #[test]
    fn others() {
        check("uv add openai", &[("openai", None)]);
        check("uv pip install --system openai", &[("openai", None)]);
        check("conda install -c conda-forge faiss-cpu=1.7.4 -y", &[("faiss-cpu", Some("1.7.4"))]);
        check("mamba install conda-forge::pytorch", &[("pytorch", None)]);
        check("git add x", &[]);
    }
}
