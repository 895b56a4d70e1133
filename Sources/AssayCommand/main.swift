// Runs the command and ends with the documented exit status.

import Glibc

exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
