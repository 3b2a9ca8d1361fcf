using Notify.Kernel;
using Notify.Kernel.Secrets;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// The tables of the log: about 52 bytes for each event. Rows are only added, except that erasure and expiry overwrite seeds.
/// </summary>
public static class LogTables
{
    /// <summary>Leaves in the order of the events; a row contains leaves that were appended together.</summary>
    public const string Leaves = $"{Database.Schema}.audit_leaves";

    /// <summary>The roots of complete subtrees of 256 leaves, of 256 of those, and so on.</summary>
    public const string Node = $"{Database.Schema}.audit_node";
    public const string Checkpoint = $"{Database.Schema}.audit_checkpoint";
    public const string Key = $"{Database.Schema}.{KeyTable}";
    public const string Redaction = $"{Database.Schema}.audit_redaction";

    /// <summary>Facts that the checks rely on, each mark with a MAC (<see cref="Checkpoints.Marks"/>).</summary>
    public const string Mark = $"{Database.Schema}.audit_mark";

    private const string KeyTable = "audit_key";

    public static readonly SealedColumn SealedKeys = new(KeyTable, "sealed", "vkey");

    public static IEnumerable<ISchemaObject> All()
    {
        Table leaves = Database.Table("audit_leaves");
        leaves.AddColumn<long>("first").AsPrimaryKey();
        leaves.AddColumn<int>("count").NotNull();
        leaves.AddColumn("form", "smallint").NotNull();
        leaves.AddColumn<long>("first_sequence").NotNull();
        leaves.AddColumn<long>("last_sequence").NotNull();
        // Four bytes for each leaf: its event's number minus the first one. Empty if no number is missing.
        leaves.AddColumn("offsets", "bytea").NotNull();
        leaves.AddColumn("hashes", "bytea").NotNull();
        leaves.AddColumn("seeds", "bytea").NotNull();
        yield return leaves;

        Table node = Database.Table("audit_node");
        node.AddColumn("height", "smallint").AsPrimaryKey();
        node.AddColumn<long>("index").AsPrimaryKey();
        node.AddColumn("hash", "bytea").NotNull();
        yield return node;

        Table checkpoint = Database.Table("audit_checkpoint");
        checkpoint.AddColumn<long>("size").AsPrimaryKey();
        checkpoint.AddColumn("note", "text").NotNull();
        yield return checkpoint;

        Table key = Database.Table(KeyTable);
        key.AddColumn<string>("vkey").AsPrimaryKey();
        key.AddColumn("sealed", "bytea").NotNull();
        key.AddColumn("created_at", "timestamptz").NotNull();
        key.AddColumn("retired_at", "timestamptz");
        yield return key;

        Table redaction = Database.Table("audit_redaction");
        redaction.AddColumn<long>("sequence").AsPrimaryKey();
        redaction.AddColumn("salts", "bytea").NotNull();
        redaction.AddColumn("erased", "integer[]").NotNull();
        redaction.AddColumn("commitments", "bytea").NotNull();
        yield return redaction;

        Table mark = Database.Table("audit_mark");
        mark.AddColumn<string>("name").AsPrimaryKey();
        mark.AddColumn("value", "text").NotNull();
        mark.AddColumn("mac", "text").NotNull();
        yield return mark;
    }
}
