// The report in the form of Schemas/equivalence.schema.json.

import AssayTensors
import OrderedCollections

extension EquivalenceReport {
    /// The report as JSON.
    public var json: JSON {
        [
            "verdict": .string(verdict.rawValue),
            "first_layer": JSON(firstLayer),
            "summary": .string(summary),
            "layers": .array(layers.map(\.json)),
            "weights": .array(weights.map(\.json)),
            "unmatched": JSON(unmatched),
            "outputs": .array(
                outputs.map { output in
                    [
                        "name": .string(output.name), "difference": output.difference.json,
                        "outside_tolerance": tolerance == nil ? .null : .integer(output.difference.outsideTolerance),
                    ]
                }),
        ]
    }
}

extension LayerComparison {
    fileprivate var json: JSON {
        [
            "path": .string(path),
            "class": .string(className),
            "counterpart": JSON(counterpart),
            "matching": .string(matching.rawValue),
            "different": .bool(isDifferent),
            "reasons": JSON(reasons),
            "kind": JSON(kind),
            "detail": JSON(detail),
            "isolation": isolation?.json ?? .null,
            "propagation": propagation?.json ?? .null,
            "noise_floor": noiseFloor.map { JSON(finite: $0) } ?? .null,
            "ulp": unitsInLastPlace.map {
                ["median": .integer($0.median), "p99": .integer($0.percentile99), "max": .integer($0.maximum)]
            } ?? .null,
            "explained_by_rounding": explainedByRounding.map { JSON(finite: $0) } ?? .null,
        ]
    }
}

extension WeightComparison {
    fileprivate var json: JSON {
        [
            "path": .string(path),
            "counterpart": JSON(counterpart),
            "shape": JSON(shape.extents),
            "bit_equal": .bool(isBitEqual),
            "differing_elements": .integer(differingElements),
            "difference": difference?.json ?? .null,
        ]
    }
}

extension Difference {
    /// The measures as JSON; what is not finite is null.
    fileprivate var json: JSON {
        [
            "max_abs": JSON(finite: maximumAbsolute),
            "max_rel": JSON(finite: maximumRelative),
            "rms": JSON(finite: rootMeanSquare),
            "cosine": JSON(finite: cosine),
            "scale": JSON(finite: scale),
            "non_finite": .integer(nonFiniteMismatches),
        ]
    }
}
