//! `gradle.lockfile`: `group:artifact:version=configurations`.

use crate::dependency::{Lock, Locked};

/// Reads a lock.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let Some((coordinates, _)) = line.split_once('=') else { continue };
        let Some((name, version)) = coordinates.rsplit_once(':') else { continue };
        if !line.starts_with('#') && name.contains(':') {
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: String::new(),
                at: at..at + name.len(),
            });
        }
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text =
            "# This is a Gradle generated file\ncom.openai:openai-java:2.0.0=runtimeClasspath\nempty=\n";
        let found: Vec<(String, String)> =
            parse(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(found, [("com.openai:openai-java".into(), "2.0.0".into())]);
    }
}
