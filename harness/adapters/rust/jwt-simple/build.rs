//! `from_jwk` came with 0.15; releases before it get their keys by components.
fn main() {
    println!("cargo:rustc-check-cfg=cfg(from_jwk)");
    let minor = std::env::var("CARGO_PKG_VERSION_MINOR").map(|minor| minor.parse());
    if matches!(minor, Ok(Ok(15u32..))) {
        println!("cargo:rustc-cfg=from_jwk");
    }
}
