//! Secret references: names of variables that hold the key of an AI service. Names only, never values.

use inventar_plugin_sdk::Asset;

/// The key that a variable has in a file.
pub fn key(name: &str) -> String {
    format!("secret:{name}")
}

/// The asset of a variable.
pub fn asset(key: String, name: &str) -> Asset {
    let known = inventar_catalogue::secret(name);
    Asset::new(key, "secret-reference", name)
        .identifier("env", name)
        .maybe("provider", known.map(|known| known.provider))
        .maybe("secret-kind", known.map(|known| known.kind))
}

/// Whether a variable's name may hold a credential: a client's `token=os.getenv("USER")` does not.
pub fn reads_like_key(name: &str) -> bool {
    inventar_catalogue::secret(name).is_some()
        || ["KEY", "TOKEN", "SECRET", "PAT", "CREDENTIALS", "PASSWORD"].iter().any(|end| name.ends_with(end))
}
