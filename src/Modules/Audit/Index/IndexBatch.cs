using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;

namespace Notify.Audit.Index;

/// <summary>Collects the terms of a batch of events, and where each occurs. It is reused for the next batch, and remembers recurring terms. Not
/// thread-safe.</summary>
internal sealed class IndexBatch
{
    /// <summary>How many names of streams are remembered, and as many older ones.</summary>
    private const int MostSubjects = 15_000;

    private readonly TermCache cache = new();
    private Dictionary<byte[], TermPlaces> subjects = new(Utf8Comparer.Instance);
    private Dictionary<byte[], TermPlaces> olderSubjects = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], TermPlaces> correlations = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], TermPlaces>.AlternateLookup<ReadOnlySpan<byte>> correlationOf;
    private readonly BodyGrams bodies;

    /// <summary>Types of events whose texts are not indexed.</summary>
    private readonly byte[][] withoutTexts;

    /// <summary>Terms with places in the current block.</summary>
    private readonly List<TermPlaces> touched = [];
    private readonly Dictionary<long, TermPlaces> terms = [];
    private readonly Dictionary<long, ByteBuffer> shelves = [];
    private readonly byte[] lastHeaders = new byte[1024];
    private int lastHeadersLength = -1;
    private byte[] actorName = [];
    private byte[] reason = [];
    private byte[] requestCorrelation = [];
    private int block;
    private ushort place;

    public IndexBatch(EventCatalog catalog, List<string>? bodyTexts = null)
    {
        withoutTexts = [.. catalog.Modules.SelectMany(x => x.Types).Where(x => x.IsFoundWithoutTexts).Select(x => Encoding.UTF8.GetBytes(x.Name))];
        bodies = new BodyGrams { Texts = bodyTexts };
        correlationOf = correlations.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>All terms of the batch, once each.</summary>
    public IReadOnlyCollection<TermPlaces> Terms => terms.Values;

    public List<(int Block, long Term, byte[] Places)> Postings { get; } = [];

    /// <summary>Microseconds since 1970.</summary>
    public Dictionary<int, (long Min, long Max)> Spans { get; } = [];

    public List<BodyRow> Bodies { get; private set; } = [];

    /// <summary>Events of streams whose name is not known from this batch or earlier ones.</summary>
    public List<(long Sequence, string Stream)> Nameless { get; } = [];

    /// <param name="goesOn">Whether the events follow those of the last batch, and that batch was committed. Otherwise only what never changes stays
    /// remembered.</param>
    public void Begin(bool goesOn)
    {
        cache.Trim();
        correlations.Clear();
        if (!goesOn) ForgetSubjects();
        else if (subjects.Count > MostSubjects) (olderSubjects, subjects) = (subjects, new(Utf8Comparer.Instance));
        if (!goesOn) bodies.Reset();
        foreach (var left in touched) left.Take();
        touched.Clear();
        terms.Clear();
        Postings.Clear();
        Spans.Clear();
        Nameless.Clear();
    }

    /// <summary>Forgets all terms, because some may have been deleted from the table.</summary>
    public void Forget()
    {
        cache.Clear();
        ForgetSubjects();
    }

    public void Add(EventRow e)
    {
        MoveTo(e.Sequence);
        var stream = e.Stream.Span;
        var type = e.Type.Span;
        var kind = stream.IndexOf((byte)'-') is > 0 and var end ? stream[..end] : stream;
        Put(cache.Of(TermField.Type, type, kind));
        ReadHeaders(e.Headers);
        Put(cache.Of(TermField.Actor, e.User is { } user ? user.Span : "system"u8, actorName));
        if (reason.Length > 0) AddText(reason);
        if (e.Correlation is { } correlation) AddCorrelation(correlation.Span);
        if (requestCorrelation.Length > 0 && e.Correlation?.Span.SequenceEqual(requestCorrelation) != true) AddCorrelation(requestCorrelation);

        var span = (int)(e.Sequence >> AuditTables.SpanBits);
        Spans[span] = Spans.TryGetValue(span, out var times) ? (Math.Min(times.Min, e.At), Math.Max(times.Max, e.At)) : (e.At, e.At);

        if (!IsWithoutTexts(type)) TryAddTexts(e, kind);
        if (SubjectOf(stream) is { } subject) Put(subject);
        else if (e.Version > 1) Nameless.Add((e.Sequence, Encoding.UTF8.GetString(stream)));
    }

    /// <summary>Adds the name of a stream that was looked up.</summary>
    public void AddSubject(long sequence, string stream, string subject)
    {
        MoveTo(sequence);
        Put(subjects[Encoding.UTF8.GetBytes(stream)] = cache.OfText(subject));
    }

    /// <param name="json">A text of the current event, as escaped in JSON, without quotation marks.</param>
    public void AddText(ReadOnlySpan<byte> json) => Put(cache.OfText(json));

    public void Complete()
    {
        MoveTo(-1);
        Bodies = bodies.Take();
    }

    /// <summary>The folded texts by which one event is found.</summary>
    /// <param name="before">The earlier event that contains its stream's name.</param>
    public static IEnumerable<string> TextsOf(EventCatalog catalog, EventRow e, JsonNode? before)
    {
        var texts = new List<string>();
        var batch = new IndexBatch(catalog, texts);
        batch.Add(e);
        if (batch.Nameless.Count > 0 && before is not null
            && SearchTexts.SubjectOf(before.Deserialize<JsonElement>()) is { } subject) batch.AddSubject(
            e.Sequence, batch.Nameless[0].Stream, subject);
        batch.Complete();
        return texts.Concat(batch.Terms.Where(x => x.Term.Field == TermField.Text).Select(x => x.Term.Value));
    }

    private bool IsWithoutTexts(ReadOnlySpan<byte> type)
    {
        foreach (var one in withoutTexts)
            if (type.SequenceEqual(one)) return true;
        return false;
    }

    /// <summary>JSON nested deeper than Notify ever writes comes from elsewhere. It must not stop the index: the event is found by everything but its
    /// texts.</summary>
    private void TryAddTexts(EventRow e, ReadOnlySpan<byte> kind)
    {
        try
        {
            AddTexts(e, kind);
        }
        catch (JsonException)
        {
            // The event keeps its other terms.
        }
    }

    private void AddTexts(EventRow e, ReadOnlySpan<byte> kind)
    {
        if (!SearchTexts.IsBulk(kind))
        {
            using var document = JsonDocument.Parse(e.Data, new JsonDocumentOptions { MaxDepth = 128 });
            if (SearchTexts.All(document.RootElement) is { Length: > 0 } all) Put(cache.OfText(all));
            if (SearchTexts.SubjectOf(document.RootElement) is { } called) subjects[e.Stream.ToArray()] = cache.OfText(called);
            return;
        }

        bodies.At(e.Sequence);
        var texts = new SearchTexts();
        texts.Read(e.Data.Span, this, bodies);
        if (!texts.Name.IsEmpty) subjects[e.Stream.ToArray()] = cache.OfSubject(texts.Name, texts.Path);
    }

    private TermPlaces? SubjectOf(ReadOnlySpan<byte> stream) =>
        subjects.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(stream, out var subject) ? subject
        : olderSubjects.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(stream, out subject) ? subject
        : null;

    private void ForgetSubjects()
    {
        subjects.Clear();
        olderSubjects.Clear();
    }

    private void AddCorrelation(ReadOnlySpan<byte> id)
    {
        if (!correlationOf.TryGetValue(id, out var correlation)) correlationOf[id] = correlation = new(
            new Term(TermField.Correlation, Encoding.UTF8.GetString(id)));
        Put(correlation);
    }

    /// <summary>Reads the headers, unless they equal the last ones: all events of one request have the same.</summary>
    private void ReadHeaders(ReadOnlyMemory<byte>? memory)
    {
        var json = memory is { } value ? value.Span : default;
        if (json.Length == lastHeadersLength && json.SequenceEqual(lastHeaders.AsSpan(0, lastHeadersLength))) return;
        lastHeadersLength = json.Length <= lastHeaders.Length ? json.Length : -1;
        if (lastHeadersLength > 0) json.CopyTo(lastHeaders);
        (actorName, reason, requestCorrelation) = (Encoding.UTF8.GetBytes(Actor.System.Name), [], []);
        if (json.IsEmpty) return;
        // PostgreSQL guarantees that it is JSON, of any depth.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isReason) = (reader.ValueTextEquals(AuditContext.ActorNameHeader), reader.ValueTextEquals(AuditContext.ReasonHeader));
            var isCorrelation = reader.ValueTextEquals(AuditContext.RequestCorrelationHeader);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String) actorName = reader.ValueSpan.ToArray();
            else if (isReason && reader.TokenType == JsonTokenType.String) reason = reader.ValueSpan.ToArray();
            else if (isCorrelation && reader.TokenType == JsonTokenType.String) requestCorrelation = Encoding.UTF8.GetBytes(reader.GetString()!);
            else reader.Skip();
        }
    }

    private void Put(TermPlaces term)
    {
        if (term.Count == 0) touched.Add(term);
        term.Add(place);
    }

    /// <summary>Sets the current event. When that leaves a block, the places collected in it become its postings.</summary>
    private void MoveTo(long sequence)
    {
        place = (ushort)(sequence & (AuditTables.BlockSize - 1));
        if (sequence >= 0 && AuditTables.BlockOf(sequence) == block) return;
        var packs = touched.Count(x => x.IsRare) > AuditTables.ManyRare;
        foreach (var term in touched)
        {
            terms.TryAdd(term.Hash, term);
            if (packs && term.IsRare) term.TakeTo(ShelfOf(term));
            else Postings.Add((block, term.Hash, term.Take()));
        }

        touched.Clear();
        foreach (var (shelf, rare) in shelves)
        {
            if (rare.Length > 0) Postings.Add((block, shelf, rare.Written.ToArray()));
            rare.Clear();
        }

        block = AuditTables.BlockOf(sequence);
    }

    private ByteBuffer ShelfOf(TermPlaces term)
    {
        var shelf = AuditTables.ShelfOf(term.Term.Field, term.Hash);
        if (!shelves.TryGetValue(shelf, out var rare)) shelves[shelf] = rare = new ByteBuffer();
        return rare;
    }
}
