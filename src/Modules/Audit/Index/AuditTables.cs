using Notify.Kernel;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Index;

/// <summary>
/// The inverted index of the history. It contains no events, only the sequence numbers at which each term occurs. The numbers are divided into blocks
/// of <see cref="BlockSize"/>; a posting lists the places of one term in one block. New rows are stored next to each other, so that writing them
/// dirties few pages however many events there are, and a batch costs one row for each of its terms instead of index entries for each event. If most
/// terms occur only once, as in an alarm storm, those with the same first bits share a row, a shelf.
/// </summary>
internal static class AuditTables
{
    public const int BlockBits = 15;
    public const int BlockSize = 1 << BlockBits;
    public const int SpanBits = 10;

    public const string Term = $"{Database.Schema}.audit_term";
    public const string Posting = $"{Database.Schema}.audit_posting";
    public const string Body = $"{Database.Schema}.audit_body";
    public const string Span = $"{Database.Schema}.audit_span";

    /// <summary>A batch with more rare terms than this stores them together, on shelves.</summary>
    public const int ManyRare = 512;

    /// <summary>The number of shelves for rare texts, and the number of those for correlations. Their terms are the numbers from 1 on, which are not
    /// hashes.</summary>
    public const int Shelves = 64;

    /// <summary>Bytes of an entry on a shelf: a hash and a place.</summary>
    public const int RareSize = 10;

    public static int BlockOf(long sequence) => (int)(sequence >> BlockBits);

    public static long ShelfOf(TermField field, long hash) => (field == TermField.Text ? 1 : 1 + Shelves) + (long)((ulong)hash >> 58);

    public static bool IsShelf(long term) => term is >= 1 and <= 2 * Shelves;

    public static IEnumerable<ISchemaObject> All()
    {
        // What can be searched for: types (detail: the kind of resource), actors (detail: their name), texts. A correlation needs no row: its hash is
        // enough.
        Table term = Database.Table("audit_term");
        term.AddColumn<long>("term").AsPrimaryKey();
        term.AddColumn("field", "smallint").NotNull();
        term.AddColumn<int>("generation").NotNull();
        term.AddColumn<string>("value").NotNull();
        term.AddColumn<string>("detail");
        yield return term;

        Table posting = Database.Table("audit_posting");
        posting.AddColumn<long>("term").NotNull();
        posting.AddColumn<int>("block").NotNull();
        posting.AddColumn("offsets", "bytea").NotNull();
        posting.Indexes.Add(new IndexDefinition("audit_posting_place") { Columns = ["block", "term"] });
        yield return posting;

        // Where bodies may contain a text (BodyGrams). A row is so small that PostgreSQL neither compresses it nor stores it out of line (TOAST).
        Table body = Database.Table("audit_body");
        body.AddColumn<long>("first").AsPrimaryKey();
        body.AddColumn("places", "bytea").NotNull();
        body.AddColumn("grams", "bytea").NotNull();
        yield return body;

        // The earliest and latest times within each 1,024 numbers. Clocks differ between nodes, so the order of numbers is not exactly that of times.
        Table span = Database.Table("audit_span");
        span.AddColumn<int>("span").AsPrimaryKey();
        span.AddColumn("min_at", "timestamptz").NotNull();
        span.AddColumn("max_at", "timestamptz").NotNull();
        yield return span;
    }
}
