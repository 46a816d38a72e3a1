from fastinfo.warming.compiling import warmup as warmup

__all__ = ["warmup"]
