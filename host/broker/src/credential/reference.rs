//! Where a credential is kept, as the operator writes it down.

use super::fault::Fault;

/// Bytes of a reference.
const MAX_LENGTH: usize = 4096;
const FORMS: &str = "write env:NAME, file:PATH, exec:COMMAND, vault:PATH#FIELD or keyring:SERVICE/USER, for aws also \
                     profile:NAME or web-identity:; a secret itself is never written down here";

/// A place where a secret is kept. Printing it shows no argument of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// An environment variable.
    Env(String),
    /// A file, or a member of the JSON in it: names joined by dots.
    File {
        /// As written; `~/` is the home.
        path: String,
        /// `a.b` for `{"a": {"b": …}}`.
        field: Option<String>,
    },
    /// What a program prints. No shell: words, where quotes keep spaces.
    Exec(Command),
    /// A secret of Vault or OpenBao.
    Vault {
        /// Mount and path: `secret/ml/registry`.
        path: String,
        /// Which member; none: all of them as JSON.
        field: Option<String>,
    },
    /// The keyring of the operating system.
    Keyring {
        /// Up to the last slash.
        service: String,
        /// After it.
        user: String,
    },
    /// A profile of `~/.aws/config` and `~/.aws/credentials`.
    Profile(String),
    /// The role and the token file that `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE` name.
    WebIdentity,
}

/// A program and its arguments, which may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Command(Vec<String>);

impl Command {
    /// Splits at spaces; single and double quotes keep them. Backslashes are letters.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut words, mut word, mut quote) = (vec![], None::<String>, None);
        for c in text.chars() {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
                (None, _) if c.is_whitespace() => words.extend(word.take()),
                _ => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        let good = quote.is_none() && words.first().is_some_and(|program| !program.is_empty());
        good.then_some(Self(words))
    }

    pub(super) fn program(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    pub(super) fn arguments(&self) -> &[String] {
        self.0.get(1..).unwrap_or_default()
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program())
    }
}

impl Reference {
    /// Reads what the operator wrote. The error never repeats it: it may be a secret by mistake.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = |what: &'static str| Err(Fault::reference(what, FORMS));
        if text.len() > MAX_LENGTH || text.chars().any(char::is_control) {
            return wrong("the reference is longer than 4096 bytes or not printable");
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return wrong("the reference has no known form");
        };
        let (path, field) = match rest.rsplit_once('#') {
            Some((path, field)) => (path, Some(field.to_owned())),
            None => (rest, None),
        };
        let named = !path.is_empty() && field.as_deref() != Some("");
        match scheme {
            "env" if is_variable(rest) => Ok(Self::Env(rest.to_owned())),
            "env" => wrong("after `env:` comes the name of a variable: letters, digits and underscores"),
            "file" if named => Ok(Self::File { path: path.to_owned(), field }),
            "file" => wrong("after `file:` comes a path, perhaps with `#` and a field"),
            "exec" => match Command::parse(rest) {
                Some(command) => Ok(Self::Exec(command)),
                None => wrong("after `exec:` comes a command, its quotes closed"),
            },
            "vault" if named && is_vault_path(path) => Ok(Self::Vault { path: path.to_owned(), field }),
            "vault" => wrong("after `vault:` comes MOUNT/PATH, perhaps with `#` and a field"),
            "keyring" => match rest.rsplit_once('/') {
                Some((service, user)) if !service.is_empty() && !user.is_empty() => {
                    Ok(Self::Keyring { service: service.to_owned(), user: user.to_owned() })
                }
                _ => wrong("after `keyring:` comes SERVICE/USER"),
            },
            "profile" if !rest.is_empty() && rest.len() <= 256 => Ok(Self::Profile(rest.to_owned())),
            "profile" => wrong("after `profile:` comes the name of a profile"),
            "web-identity" if rest.is_empty() => Ok(Self::WebIdentity),
            "web-identity" => wrong("nothing comes after `web-identity:`"),
            _ => wrong("the reference has no known form"),
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.len() <= 256
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_vault_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~@+ ".contains(c);
    let segments: Vec<&str> = path.split('/').collect();
    segments.len() >= 2
        && segments.iter().all(|segment| !matches!(*segment, "" | "." | "..") && segment.chars().all(plain))
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field =
            |field: &Option<String>| field.as_ref().map_or_else(String::new, |field| format!("#{field}"));
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File { path, field: of } => write!(f, "file:{path}{}", field(of)),
            Self::Exec(command) if command.arguments().is_empty() => write!(f, "exec:{}", command.program()),
            Self::Exec(command) => write!(f, "exec:{} …", command.program()),
            Self::Vault { path, field: of } => write!(f, "vault:{path}{}", field(of)),
            Self::Keyring { service, user } => write!(f, "keyring:{service}/{user}"),
            Self::Profile(name) => write!(f, "profile:{name}"),
            Self::WebIdentity => f.write_str("web-identity:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        match Reference::parse(text) {
            Ok(reference) => assert_eq!(reference.to_string(), expected),
            Err(fault) => assert!(fault.to_string().starts_with(expected), "{text}: {fault}"),
        }
    }

    #[test]
    fn forms() {
        check("env:AWS", "env:AWS");
        check("env:sk-live", "after `env:`");
        check("file:~/.kube/config", "file:~/.kube/config");
        check("file:/a#b.c", "file:/a#b.c");
        check("file:", "after `file:`");
        check("file:/a#", "after `file:`");
        check("exec:op read \"a b\"", "exec:op …");
        check("exec:token", "exec:token");
        check("exec:op 'open", "after `exec:`");
        check("exec: ", "after `exec:`");
        check("vault:secret/ml#key", "vault:secret/ml#key");
        check("vault:secret/../sys#key", "after `vault:`");
        check("vault:secret", "after `vault:`");
        check("vault:secret/a?b#c", "after `vault:`");
        check("keyring:a/b/c", "keyring:a/b/c");
        check("keyring:a", "after `keyring:`");
        check("profile:prod", "profile:prod");
        check("web-identity:", "web-identity:");
        check("web-identity:x", "nothing comes after");
        check("sk-ant-0123", "the reference has no known form");
        check("Bearer: abc", "the reference has no known form");
        check("file:/a\nb", "the reference is longer");
    }

    #[track_caller]
    fn words(text: &str, expected: &[&str]) {
        assert_eq!(Command::parse(text).map(|command| command.0).unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn commands() {
        words("a b  c", &["a", "b", "c"]);
        words("a 'b c' \"d e\"", &["a", "b c", "d e"]);
        words("a b'c d'e ''", &["a", "bc de", ""]);
        words(r"C:\bin\x.exe -a", &[r"C:\bin\x.exe", "-a"]);
        words("'a", &[]);
        words("'' a", &[]);
        words("a $HOME;b", &["a", "$HOME;b"]);
    }
}
