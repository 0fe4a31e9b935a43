//! Columns of text, aligned.

use std::fmt;

use super::console::Palette;
use crate::adapter::text::printable;

/// Rows under a head; the last column is as long as it is.
pub(super) struct Columns<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(head: [&str; N]) -> Self {
        Self { rows: vec![head.map(str::to_owned)] }
    }

    pub(super) fn row(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| printable(&cell)));
    }
}

impl<const N: usize> fmt::Display for Columns<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..N)
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
            })
            .collect();
        for (number, row) in self.rows.iter().enumerate() {
            let padded: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            let line = padded.join("  ");
            let line = line.trim_end();
            if number == 0 {
                writeln!(f, "{}{line}{:#}", Palette::HEAD, Palette::HEAD)?;
            } else {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_carry_no_escapes() {
        let mut columns = Columns::new(["a", "b"]);
        columns.row(["long".to_owned(), "\u{1b}[31mred".to_owned()]);
        columns.row([String::new(), "c".to_owned()]);
        let text = anstream::adapter::strip_str(&columns.to_string()).to_string();
        assert_eq!(text, "a     b\nlong  red\n      c\n");
    }
}
