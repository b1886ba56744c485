//! Somebody scans what they ship: an image of several layers, and archives in a repository.

use inventar_stories::Workbench;
use std::io::Write;

/// A tar of some files, as `docker build` makes layers.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // Written as it is: the library refuses names that lead out, which is what some stories are about.
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A safetensors file with one tensor of four numbers.
fn weights() -> Vec<u8> {
    let header = br#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    [(header.len() as u64).to_le_bytes().as_slice(), header, &[0; 16]].concat()
}

const OLD: &[u8] = b"from openai import OpenAI\nOpenAI().responses.create(model='gpt-4', input='x')\n";
const MAIN: &[u8] = b"from openai import OpenAI\nfrom config import MODEL\nOpenAI().responses.create(model=MODEL, input='x')\n";

/// An OCI layout of three layers, from the bottom: an application, weights without any name that says so, and a change of
/// the application. Digests are made up; nobody resolves them but the image itself.
fn layout(bench: &Workbench, folder: &str) -> [String; 3] {
    let layers = [
        gzip(&tar(&[
            ("app/old.py", OLD),
            ("app/config.py", b"MODEL = 'gpt-4o'\n"),
            ("usr/lib/python3/site-packages/litellm/__init__.py", b"import openai\n"),
        ])),
        tar(&[("opt/data/blob", &weights())]),
        tar(&[("app/.wh.old.py", b""), ("app/main.py", MAIN)]),
    ];
    let digest = |n: usize| format!("{n:064x}");
    let mut descriptors = Vec::new();
    for (n, layer) in layers.iter().enumerate() {
        bench.write(&format!("{folder}/blobs/sha256/{}", digest(n + 16)), layer);
        descriptors.push(format!(r#"{{"digest":"sha256:{}"}}"#, digest(n + 16)));
    }
    let started = r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin","OPENAI_API_KEY=sk-proj-4hG7kQz1Xw9LmN2bV5cR8tY3"],"Entrypoint":["vllm","serve"],"Cmd":["Qwen/Qwen3-8B"]},"history":[{"created_by":"ENV MODEL=gpt-3.5-turbo"}]}"#;
    bench.write(&format!("{folder}/blobs/sha256/{}", digest(14)), started);
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"digest":"sha256:{}"}},"layers":[{}]}}"#,
        digest(14),
        descriptors.join(",")
    );
    bench.write(&format!("{folder}/blobs/sha256/{}", digest(15)), manifest);
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"digest":"sha256:{}","annotations":{{"org.opencontainers.image.ref.name":"acme/app:1.0"}}}}]}}"#,
        digest(15)
    );
    bench.write(&format!("{folder}/index.json"), index);
    [16, 17, 18].map(|n| format!("sha256:{}", &digest(n)[..12]))
}

#[test]
fn an_image_is_read_layer_by_layer() {
    let bench = Workbench::new();
    let [_, weights_layer, app_layer] = layout(&bench, "image");
    let target = format!("oci:{}", bench.tree().join("image").display());
    let scan = bench.inventar(["scan", target.as_str(), "-o", "ndjson"]).expect(0);

    // The weights are found by what they are, in their layer.
    let artifacts = scan.of_sort("asset").into_iter().filter(|asset| asset["kind"] == "model-artifact");
    let paths: Vec<String> =
        artifacts.map(|asset| asset["evidence"][0]["path"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(paths, [format!("{weights_layer}!opt/data/blob")], "{scan}");
    // The upper layer took one file away and brought another, whose constant is in the lower one.
    assert!(scan.has_asset("model-reference", "gpt-4o"), "{scan}");
    assert!(!scan.has_asset("model-reference", "gpt-4"), "{scan}");
    let openai = scan.asset("sdk", "openai");
    assert_eq!(openai["evidence"][0]["path"], format!("{app_layer}!app/main.py"), "{scan}");
    // Installed libraries are not the image's own code.
    assert!(!scan.has_asset("sdk", "litellm"), "{scan}");
    // What its containers are started with; of keys the name alone.
    let served = scan.asset("model-reference", "Qwen/Qwen3-8B");
    assert_eq!(served["evidence"][0]["path"], "image-config.json", "{scan}");
    assert!(scan.has_asset("secret-reference", "OPENAI_API_KEY"), "{scan}");
    assert!(
        !scan.stdout.contains("4hG7kQz1Xw9LmN2bV5cR8tY3") && !scan.stdout.contains("gpt-3.5-turbo"),
        "{scan}"
    );
    let again = bench.inventar(["scan", target.as_str(), "-o", "ndjson"]).expect(0);
    assert_eq!(scan.of_sort("asset"), again.of_sort("asset"));
}

#[test]
fn an_image_that_is_none() {
    let bench = Workbench::new();
    bench.write("empty/readme.txt", "nothing");
    let at = |scheme: &str, name: &str| format!("{scheme}:{}", bench.tree().join(name).display());
    bench.inventar(["scan", at("oci", "empty").as_str()]).expect(2).says(&["index.json"]);
    bench.inventar(["scan", at("oci-archive", "empty/readme.txt").as_str()]).expect(2).says(&["tar"]);
    bench.inventar(["scan", "docker:alpine"]).expect(2).says(&["image:REF"]);
}

#[test]
fn archives_in_a_tree_are_opened() {
    let bench = Workbench::new();
    let inner = tar(&[("w/model.safetensors", &weights())]);
    bench.write(
        "dist/app.tar.gz",
        gzip(&tar(&[("svc/main.py", OLD), ("deep.tar", &inner), ("x/../../evil.py", OLD)])),
    );
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    let openai = scan.asset("sdk", "openai");
    assert_eq!(openai["evidence"][0]["path"], "dist/app.tar.gz!svc/main.py", "{scan}");
    let places: Vec<String> = scan
        .of_sort("asset")
        .iter()
        .map(|asset| asset["evidence"][0]["path"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(places.contains(&"dist/app.tar.gz!deep.tar!w/model.safetensors".to_owned()), "{places:?}");
    assert!(places.iter().all(|path| !path.contains("evil")), "{places:?}");
    let gaps: Vec<String> = scan.of_sort("gap").iter().map(ToString::to_string).collect();
    assert!(gaps.iter().any(|gap| gap.contains("evil.py")), "{scan}");
}
