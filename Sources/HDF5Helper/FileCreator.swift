enum FileCreator {
    static func run(plan: PlanReader, path: String, into output: inout RecordWriter) throws(HDF5Failure) {}
}
