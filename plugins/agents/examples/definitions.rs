//! Prints what the plugin says of the files of a folder, natively and without a host: `definitions FOLDER [--json]`.
#![allow(clippy::unwrap_used)]

use inventar_plugin_agents::Agents;
use inventar_trial::look;

/// The manifest's claims, as the host would ask them.
struct Claims(Vec<(globset::GlobSet, Vec<String>)>);

impl Claims {
    fn read() -> Self {
        let manifest = include_str!("../plugin.toml").parse::<toml::Table>().unwrap();
        let texts = |claim: &toml::Value, key: &str| -> Vec<String> {
            let list = claim.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
            list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let claim = |claim: &toml::Value| {
            let mut globs = globset::GlobSetBuilder::new();
            for glob in texts(claim, "globs") {
                globs.add(globset::GlobBuilder::new(&glob).literal_separator(true).build().unwrap());
            }
            (globs.build().unwrap(), texts(claim, "literals"))
        };
        Self(manifest["claim"].as_array().unwrap().iter().map(claim).collect())
    }

    fn fit(&self, path: &str, content: &[u8]) -> bool {
        let text = String::from_utf8_lossy(content);
        self.0.iter().any(|(globs, literals)| {
            globs.is_match(path)
                && (literals.is_empty() || literals.iter().any(|literal| text.contains(literal)))
        })
    }
}

fn main() -> std::io::Result<()> {
    let claims = Claims::read();
    look::detector::<Agents>(|path, content| content.len() <= 2 << 20 && claims.fit(path, content))
}
