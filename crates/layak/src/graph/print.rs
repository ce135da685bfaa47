//! A graph as text, one node a line.

use std::fmt;

use crate::arena::Id;
use crate::graph::*;

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, frame) in self.frames.iter() {
            writeln!(f, "frame {}: {frame:?}", id.index())?;
        }
        for (id, node) in self.nodes.iter() {
            writeln!(f, "{} @{} {:?}", id.index(), node.frame.index(), node.op)?;
        }
        for programme in &self.programmes {
            writeln!(f, "programme {}: eligible {}", programme.programme.index(), programme.eligible.index())?;
        }
        Ok(())
    }
}
