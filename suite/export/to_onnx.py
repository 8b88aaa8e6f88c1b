"""A script for a process of its own: python to_onnx.py PROGRAM PARAMETERS FILE. Its output is the converter's."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    import paddle2onnx

    # With its default tool the converter installs packages by itself.
    paddle2onnx.export(*sys.argv[1:], opset_version=13, optimize_tool="None")
