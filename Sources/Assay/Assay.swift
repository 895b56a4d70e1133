// The façade: what other Swift packages import, and all that the command needs.

@_exported import AssayGraph
@_exported import AssayTensors
