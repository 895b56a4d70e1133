// The program assay-hdf5: the only one that loads libhdf5, so that a damaged file brings down this process at most.
//
//     assay-hdf5 index FILE [OFFSET LENGTH]   prints what the file holds (IndexFormat.swift) on standard output
//     assay-hdf5 create FILE < PLAN           makes a file by plan (PlanFormat.swift), prints where its data belong
//
// `index` may not write regular files, so its output must be a pipe or a socket.
// Exit status 0: done. 1: the file was refused, and the last record says why. 2: wrong usage.

import CHDF5
import Glibc

@main
enum HDF5Helper {
    static func main() {
        // `_exit`: everything is printed and closed, and taking libhdf5 down in order costs a millisecond.
        let arguments = CommandLine.arguments
        switch (arguments.dropFirst().first, arguments.count) {
        case ("index", 3), ("index", 5): _exit(index(arguments))
        case ("create", 3): _exit(create(arguments[2]))
        default: usage()
        }
    }

    private static func index(_ arguments: [String]) -> Int32 {
        var part: (offset: Int, count: Int)?
        if arguments.count == 5 {
            guard let offset = Int(arguments[3]), let count = Int(arguments[4]), offset >= 0, count >= 0 else {
                usage()
            }
            part = (offset, count)
        }
        var output = RecordWriter(limit: IndexFormat.maximumSize)
        do throws(HDF5Failure) {
            ProcessLimits.forReading()
            let source = try FileSource(path: arguments[2], part: part)
            prepareLibrary()
            var indexer = try FileIndexer(source: source)
            try indexer.run(into: &output)
            return 0
        } catch {
            output.fail(error.message)
            return 1
        }
    }

    private static func create(_ path: String) -> Int32 {
        var output = RecordWriter(limit: IndexFormat.maximumSize)
        do throws(HDF5Failure) {
            ProcessLimits.forWriting()
            prepareLibrary()
            try FileCreator.run(plan: try PlanReader.readStandardInput(), path: path, into: &output)
            return 0
        } catch {
            output.fail(error.message)
            return 1
        }
    }

    /// Starts libhdf5 quiet and without plug-ins, which would be foreign code chosen by a file's filters.
    private static func prepareLibrary() {
        H5open()
        H5Eset_auto2(0, nil, nil)
        H5PLset_loading_state(0)
    }

    private static func usage() -> Never {
        let text = "usage: assay-hdf5 index FILE [OFFSET LENGTH]\n       assay-hdf5 create FILE < PLAN\n"
        _ = text.withCString { write(2, $0, strlen($0)) }
        exit(2)
    }
}
