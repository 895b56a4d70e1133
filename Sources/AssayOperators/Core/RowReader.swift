// Operators that read some rows of a table, so that nobody need have all of it ready.

/// An operator that reads of one operand only the slices along the first axis that another operand numbers.
public protocol RowReader: Operator {
    /// The position of the table, and that of the numbers (negative ones count from the end); nil where more is read.
    var readRows: (table: Int, numbers: Int)? { get }
}

extension FastTensor {
    /// The rows that these numbers stand for in a table, each once; those outside of it are left to the operator.
    public func numberedRows(of count: Int) -> Set<Int> {
        var rows: Set<Int> = []
        for index in 0..<self.count {
            guard let number = integer(at: index), number >= -count, number < count else { continue }
            rows.insert(number < 0 ? number + count : number)
        }
        return rows
    }
}
