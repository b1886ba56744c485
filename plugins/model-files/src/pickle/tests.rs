use super::*;
use proptest::prelude::*;

fn globals(stream: &[u8]) -> Vec<String> {
    let walk = walk(&stream.to_vec()).unwrap_or_default();
    walk.globals
        .into_iter()
        .map(|global| global.name + if matches!(global.how, Use::Made | Use::Called) { "()" } else { "" })
        .collect()
}

#[test]
fn names_and_calls() {
    for (stream, expected) in [
        (&b"cos\nsystem\n(S'true'\ntR."[..], vec!["os.system()"]),
        (b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.", vec!["os.system()"]),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", vec!["os.system()"]),
        // Named by memo, by escapes, through DUP and POP.
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\0h\x01\x93\x8c\x04true\x85R.", vec!["os.system()"]),
        (b"\x80\x04S'\\x6fs'\nVsyst\\u0065m\n\x932\x300\x88\x85R.", vec!["os.system"]),
        (b"(S'true'\nios\nsystem\n.", vec!["os.system()"]),
        (b"\x80\x02(cos\nsystem\nU\x04trueo.", vec!["os.system()"]),
        (b"\x80\x02cos\nsystem\n)\x81.", vec!["os.system()"]),
        (b"\x80\x02cos\nsystem\n.", vec!["os.system"]),
        (b"\x80\x02csys\nmodules\nX\x01\0\0\0xcos\nsystem\ns.", vec!["sys.modules", "os.system"]),
        // What happens before a break has happened.
        (b"\x80\x02cos\nsystem\nU\x04true\x85RX\xff\xff\xff\xff", vec!["os.system()"]),
        (b"\x80\x02cos\nsystem\nU\x04true\x85R\xff", vec!["os.system()"]),
        // The second stream.
        (b"\x80\x02N.\0\0\0\x80\x02cos\nsystem\nU\x04true\x85R.", vec!["os.system()"]),
        (b"\x80\x02N.", vec![]),
    ] {
        assert_eq!(globals(stream), expected, "{}", stream.escape_ascii());
    }
}

#[test]
fn what_is_no_pickle() {
    for bytes in [
        &b""[..],
        b"hello world\n",
        b"N",
        b".",
        b"{\"a\": 1}",
        b"I am a text.\n",
        b"(defun x () nil)\n",
        b"\x80",
        b"\x80\x09N.",
        b"]",
        b"import os\nos.system('x')\n",
        b"The quick brown fox",
        b"PK\x03\x04",
        b"# Title\n\nText.\n",
    ] {
        assert_eq!(walk(&bytes.to_vec()).map(|walk| walk.streams), None, "{}", bytes.escape_ascii());
    }
}

#[test]
fn tensors_of_a_state_dict() {
    let stream = b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nHalfStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x06tQK\0K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtRs.";
    let walk = walk(&stream.to_vec()).unwrap();
    assert_eq!(walk.tensors.count, 1);
    assert_eq!(walk.tensors.main_type(), Some("F16"));
    let mut model = Model::new("pickle");
    describe(&walk, None, &mut model);
    assert_eq!(model.number("parameters"), Some(6));
    assert_eq!(*model.flags, []);
}

#[test]
fn an_array_between_opcodes() {
    // What joblib 1.4 writes: the wrapper's state, a padding byte with padding, eight bytes of array, a payload.
    let mut stream = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\0\0\0shapeK\x02\x85X\x05\0\0\0dtypecnumpy\ndtype\nX\x02\0\0\0f4\x85RX\x1b\0\0\0numpy_array_alignment_bytesK\x10ub".to_vec();
    stream.extend(b"\x02\xff\xff........cos\nsystem\nU\x04true\x85R.");
    assert!(globals(&stream).contains(&"os.system()".to_owned()));
}

#[test]
fn a_million_opcodes_end_in_bounded_memory() {
    for unit in [&b"K\x01"[..], b"(", b"K\x01q\x05", b"\x8c\x02os\x94", b"}\x94", b"]\x85"] {
        let mut stream = b"\x80\x04".to_vec();
        while stream.len() < 1_000_000 {
            stream.extend(unit);
        }
        stream.push(b'.');
        assert!(walk(&stream).is_some(), "{}", unit.escape_ascii());
    }
}

#[test]
fn pickles_kept_as_data() {
    let inner = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.";
    let harmless = b"\x80\x04}\x8c\x01a\x8c\x01bs.";
    let base64 = b"gASMAm9zjAZzeXN0ZW2TjAR0cnVlhVIu";
    let hex = b"80048c026f738c0673797374656d938c047472756585522e";
    for (opcode, data, is_flagged) in [
        (b'C', &inner[..], true),
        (0x8c, &base64[..], true),
        (b'C', &hex[..], true),
        (0x8c, &hex[..], true),
        (b'C', &harmless[..], false),
        (0x8c, b"gASMAm9", false),
    ] {
        let stream = [b"\x80\x04", &[opcode, data.len() as u8][..], data, b"."].concat();
        let mut model = Model::new("pickle");
        describe(&walk(&stream).unwrap(), None, &mut model);
        let is_found =
            model.flags.iter().any(|flag| flag.technique == "nested-pickle" && flag.what == "os.system");
        assert_eq!(is_found, is_flagged, "{}", data.escape_ascii());
    }
}

#[test]
fn a_long_frame_is_summed_up() {
    // A list of a million numbers, then a payload; and a payload whose name lies under what was forgotten.
    let mut stream = b"\x80\x04](".to_vec();
    stream.extend(b"K\x01".repeat(1_000_000));
    stream.extend(b"ecos\nsystem\nN\x85R.");
    let found = walk(&stream).unwrap();
    assert_eq!((found.stopped, found.globals.len()), (None, 1));
    let mut stream = b"\x80\x04".to_vec();
    stream.extend(b"N".repeat(200));
    stream.extend(b"\x8c\x02os\x8c\x06system");
    stream.extend(b"N".repeat(600_000));
    stream.extend(b"0".repeat(600_000));
    stream.extend(b"\x93N\x85R.");
    let found = walk(&stream).unwrap();
    assert_eq!((found.stopped, found.streams), (None, 1));
    assert_eq!(found.flags.first().map(|flag| flag.technique), Some("computed-name"));
}

#[test]
fn lists_of_lists() {
    let mut stream = b"\x80\x04]K\x00aq\x00".to_vec();
    for level in 1..20u8 {
        stream.extend(b"](");
        stream.extend([b'h', level - 1].repeat(10));
        stream.extend([b'e', b'q', level]);
    }
    stream.push(b'.');
    let techniques: Vec<&str> = walk(&stream).unwrap().flags.iter().map(|flag| flag.technique).collect();
    assert_eq!(techniques.first(), Some(&"expansion-bomb"));
}

#[test]
fn lengths_near_the_end_of_numbers() {
    for opcode in [0x8d_u8, 0x8e, 0x96, 0x95] {
        let mut stream = b"\x80\x04cos\nsystem\nN\x85R".to_vec();
        stream.push(opcode);
        stream.extend(u64::MAX.to_le_bytes());
        stream.push(b'.');
        assert_eq!(globals(&stream), ["os.system()"]);
    }
    assert_eq!(globals(b"\x80\x02cos\nsystem\nN\x85R\x8b\xff\xff\xff\xff."), ["os.system()"]);
}

proptest! {
    #[test]
    fn nothing_panics(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [b"\x80\x04", &tail[..]].concat();
        walk(&bytes);
        walk(&tail);
    }

    #[test]
    fn opcodes_do_not_panic(tail in proptest::collection::vec(prop::sample::select(b".(012NJKMGIFSVUTXCB]}){lLdt\x85\x86\x87aes\x90uqhgprj\x94c\x93ioR\x81\x92bPQ\x80\x82\x95\n'os0\x01\x00".to_vec()), 0..120)) {
        walk(&tail);
        walk(&[&b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}"[..], &tail].concat());
    }
}
