//! What every `Mirror` keeps to. The same sentences are checked natively in memory and in Chromium on its cache.

use daybook::store::mirror::Mirror;

/// How often it is looked whether what was asked for has been done.
const LOOKS: usize = 1_000;

/// Every rule, on a fresh and empty mirror.
pub async fn check(mirror: &impl Mirror) {
    let put = |name: &str, bytes: &[u8]| mirror.put(name.to_owned(), bytes.to_vec());
    put("identity", b"who");
    // While the first is under way.
    mirror.names().await;
    put("out/1", b"one");
    put("out/10", &[0, 255, 10, 13]);
    has(mirror, &["identity", "out/1", "out/10"]).await;
    assert_eq!(mirror.get("out/10").await, Some(vec![0, 255, 10, 13]), "bytes come back exactly");
    assert_eq!(mirror.get("out/2").await, None);
    // In the order asked for.
    put("out/1", b"another");
    mirror.remove("out/10".to_owned());
    mirror.remove("out/11".to_owned());
    put("out/2", b"");
    mirror.remove("out/2".to_owned());
    put("out/3", b"three");
    has(mirror, &["identity", "out/1", "out/3"]).await;
    assert_eq!(mirror.get("out/1").await, Some(b"another".to_vec()));
    put("out/4", b"four");
    mirror.clear();
    put("identity", b"somebody else");
    has(mirror, &["identity"]).await;
    assert_eq!(mirror.get("identity").await, Some(b"somebody else".to_vec()));
    mirror.clear();
    has(mirror, &[]).await;
}

async fn has(mirror: &impl Mirror, expected: &[&str]) {
    let mut names = Vec::new();
    for _ in 0..LOOKS {
        names = mirror.names().await;
        names.sort();
        if names == expected {
            return;
        }
    }
    panic!("it has {names:?} and not {expected:?}");
}
