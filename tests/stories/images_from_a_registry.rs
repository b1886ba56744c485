//! Somebody scans an image where it is: in a registry, without a daemon.

use inventar_stories::Workbench;
use sha2::{Digest, Sha256};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running registry (Debian's docker-registry); stopped when it is dropped.
struct Registry {
    child: Child,
    address: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Registry {
    fn start(bench: &Workbench) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("localhost:{port}");
        let storage = bench.path("registry");
        let settings = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: '{}'}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            storage.display()
        );
        std::fs::write(bench.path("registry.yml"), settings).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(bench.path("registry.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is missing: `cargo xtask test` installs it, or apt-get install docker-registry");
        let registry = Self { child, address };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the registry does not start");
            std::thread::yield_now();
        }
        registry
    }

    /// Uploads a blob as the distribution specification says, and returns its digest.
    fn push_blob(&self, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        let uploads = format!("http://{}/v2/acme/app/blobs/uploads/", self.address);
        let started = ureq::post(&uploads).send_empty().unwrap();
        let place = started.headers()["location"].to_str().unwrap().to_owned();
        let joint = if place.contains('?') { '&' } else { '?' };
        ureq::put(format!("{place}{joint}digest={digest}"))
            .header("content-type", "application/octet-stream")
            .send(bytes)
            .unwrap();
        digest
    }

    /// Uploads an image of one layer and returns the layer's digest.
    fn push_image(&self, layer: &[u8]) -> String {
        let config = br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
        let (layer_digest, config_digest) = (self.push_blob(layer), self.push_blob(config));
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config_digest}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer_digest}","size":{}}}]}}"#,
            config.len(),
            layer.len()
        );
        ureq::put(format!("http://{}/v2/acme/app/manifests/1.0", self.address))
            .header("content-type", "application/vnd.oci.image.manifest.v1+json")
            .send(manifest.as_bytes())
            .unwrap();
        layer_digest
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn layer() -> Vec<u8> {
    let code = b"from openai import OpenAI\nOpenAI().responses.create(model='gpt-4o', input='x')\n";
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(code.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, "app/main.py", code.as_slice()).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn an_image_is_pulled_and_read() {
    let bench = Workbench::new();
    let registry = Registry::start(&bench);
    let layer = registry.push_image(&layer());
    let target = format!("image:{}/acme/app:1.0", registry.address);

    let scan = bench.inventar(["scan", &target, "-o", "ndjson"]).expect(0).says(&["pulling"]);
    assert!(scan.has_asset("model-reference", "gpt-4o"), "{scan}");
    let openai = scan.asset("sdk", "openai");
    let place = format!("{}!app/main.py", &layer[.."sha256:".len() + 12]);
    assert_eq!(openai["evidence"][0]["path"], place.as_str(), "{scan}");
    let left = std::fs::read_dir(bench.data().join("cache")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("image-")), "{left:?}");
}

#[test]
fn what_is_not_what_its_digest_says_is_refused() {
    let bench = Workbench::new();
    let registry = Registry::start(&bench);
    let digest = registry.push_image(&layer());
    let hex = &digest["sha256:".len()..];
    let blob = bench.path("registry/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data");
    change_a_byte(&blob);

    let target = format!("image:{}/acme/app:1.0", registry.address);
    bench.inventar(["scan", &target]).expect(3).says(&["digest"]);
}

fn change_a_byte(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn an_image_that_is_not_there() {
    let bench = Workbench::new();
    let registry = Registry::start(&bench);
    let target = format!("image:{}/acme/none:1", registry.address);
    bench.inventar(["scan", &target]).expect(3).says(&["cannot pull the manifest", "docker login"]);
}
