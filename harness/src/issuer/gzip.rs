//! A document with 16 MiB of white space in it, in gzip: about 16 KiB on the wire.
//!
//! A stream of deflate is a row of blocks. The white space is compressed once, as a block of 1 MiB that
//! refers to nothing before it, and stands in the row 16 times; so a bomb is made in the time of a copy.

use std::{io, sync::OnceLock};

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

/// So much white space is in a block.
const BLOCK: usize = 1 << 20;
/// So many blocks are in a bomb.
const BLOCKS: usize = 16;

/// Octets in deflate, on the edge of an octet, with what a sum over several of them needs.
#[derive(Debug)]
struct Deflated {
    octets: Vec<u8>,
    sum: Crc,
}

impl Deflated {
    fn new(octets: &[u8], flush: FlushCompress) -> io::Result<Self> {
        let mut compress = Compress::new(Compression::default(), false);
        // Room for octets that do not compress, and for the blocks' own heads.
        let mut deflated = Vec::with_capacity(octets.len() + octets.len() / 64 + 1024);
        compress.compress_vec(octets, &mut deflated, flush).map_err(io::Error::other)?;
        if compress.total_in() != octets.len() as u64 {
            return Err(io::Error::other("compress a document: it does not fit"));
        }
        let mut sum = Crc::new();
        sum.update(octets);
        Ok(Self { octets: deflated, sum })
    }
}

/// `before`, white space, `behind`, in gzip (RFC 1952).
///
/// # Errors
/// Those of the compression.
pub(super) fn bomb(before: &[u8], behind: &[u8]) -> io::Result<Bytes> {
    static WHITE_SPACE: OnceLock<Deflated> = OnceLock::new();
    let white_space = match WHITE_SPACE.get() {
        Some(white_space) => white_space,
        None => {
            let made = Deflated::new(&vec![b' '; BLOCK], FlushCompress::Full)?;
            WHITE_SPACE.get_or_init(|| made)
        }
    };
    let before = Deflated::new(before, FlushCompress::Full)?;
    let behind = Deflated::new(behind, FlushCompress::Finish)?;

    // Deflate, no flags, no time, any level, an unknown system.
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut sum = Crc::new();
    let middle = std::iter::repeat_n(white_space, BLOCKS);
    for part in std::iter::once(&before).chain(middle).chain([&behind]) {
        gzip.extend_from_slice(&part.octets);
        sum.combine(&part.sum);
    }
    gzip.extend_from_slice(&sum.sum().to_le_bytes());
    gzip.extend_from_slice(&sum.amount().to_le_bytes());
    Ok(Bytes::from(gzip))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_bomb_is_small_and_comes_out_whole() {
        let bomb = bomb(b"{\"keys\":[]", b"}").unwrap();
        assert!(bomb.len() < 256 << 10, "{}", bomb.len());
        let mut document = Vec::new();
        flate2::read::GzDecoder::new(&bomb[..]).read_to_end(&mut document).unwrap();
        assert_eq!(document.len(), (16 << 20) + 11);
        assert!(document.starts_with(b"{\"keys\":[]  ") && document.ends_with(b"  }"));
        assert!(document[10..document.len() - 1].iter().all(|octet| *octet == b' '));
    }

    #[test]
    fn takes_documents_that_do_not_compress_and_none_at_all() {
        let noise: Vec<u8> =
            (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for document in [noise.as_slice(), b""] {
            let bomb = bomb(document, b"").unwrap();
            let mut out = Vec::new();
            flate2::read::GzDecoder::new(&bomb[..]).read_to_end(&mut out).unwrap();
            assert_eq!(out.len(), document.len() + (16 << 20));
        }
    }
}
