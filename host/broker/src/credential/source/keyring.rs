//! `keyring:SERVICE/USER`: the kernel's keyring on Linux, the keychain of macOS, the credential manager of Windows.

use super::Read;
use crate::credential::fault::Fault;
use jiff::SignedDuration;
use keyring_core::api::CredentialStore;
use secrecy::SecretString;
use std::sync::Arc;

const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn read(service: &str, user: &str) -> Result<Read, Fault> {
    let (service, user) = (service.to_owned(), user.to_owned());
    // A keychain may ask the person in front of it, and blocks while it does.
    let secret = tokio::task::spawn_blocking(move || password(&service, &user))
        .await
        .map_err(|_| Fault::unreadable("the keyring did not answer", "try again"))??;
    Ok(Read::new(secret, Some(FRESH_FOR)))
}

fn password(service: &str, user: &str) -> Result<SecretString, Fault> {
    let Some(store) = store() else {
        return Err(Fault::unsupported("this system has no keyring that is known here", "use another place"));
    };
    let outcome = store.and_then(|store| store.build(service, user, None)?.get_password());
    outcome.map(SecretString::from).map_err(|error| match error {
        keyring_core::Error::NoEntry => Fault::missing(
            format!("the keyring has no `{user}` of `{service}`"),
            "put it there; the keyring of Linux forgets at a restart",
        ),
        keyring_core::Error::BadEncoding(_) => Fault::malformed("it is not UTF-8", "put a text there"),
        _ => Fault::unreadable("the keyring refused", "unlock it, and run this program as its owner"),
    })
}

#[cfg(target_os = "linux")]
fn store() -> Option<keyring_core::Result<Arc<CredentialStore>>> {
    Some(linux_keyutils_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>))
}

#[cfg(target_os = "macos")]
fn store() -> Option<keyring_core::Result<Arc<CredentialStore>>> {
    Some(apple_native_keyring_store::keychain::Store::new().map(|store| store as Arc<CredentialStore>))
}

#[cfg(windows)]
fn store() -> Option<keyring_core::Result<Arc<CredentialStore>>> {
    Some(windows_native_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>))
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn store() -> Option<keyring_core::Result<Arc<CredentialStore>>> {
    None
}
