//! The adapters are embedded by a macro, which the compiler does not see the files of.

fn main() {
    println!("cargo::rerun-if-changed=adapters");
}
