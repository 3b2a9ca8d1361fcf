using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Reviewing;

/// <summary>
/// What a module declares about its events for a review of a period (<c>POST /replays</c>): how each is counted, and its line in the timeline. The
/// review itself knows no field of any event.
/// </summary>
/// <param name="Prefix">Events whose type begins with this belong to an incident, described here or not.</param>
/// <param name="Streams">The kinds of streams whose first event names an alarm.</param>
public sealed record ModuleReview(string Prefix, IReadOnlyList<ReviewedStream> Streams, IReadOnlyList<ReviewedType> Types);

/// <summary>A kind of streams about an alarm, or about a notification.</summary>
public sealed class ReviewedStream
{
    private readonly Func<string, object, ReviewSubject> subject;

    private ReviewedStream(string kind, Type fields, Func<string, object, ReviewSubject> subject) =>
        (Kind, Fields, this.subject) = (kind, fields, subject);

    /// <summary>The prefix of the streams' ids, up to the dash.</summary>
    public string Kind { get; }

    /// <summary>The type as which the first event is read.</summary>
    public Type Fields { get; }

    /// <typeparam name="TFields">As in <see cref="ReviewedType"/>.</typeparam>
    /// <param name="subject">Determines the subject from the stream's id and its first event.</param>
    public static ReviewedStream Of<TFields>(string kind, Func<string, TFields, ReviewSubject> subject)
        where TFields : class =>
        new(kind, typeof(TFields), (id, first) => subject(id, (TFields)first));

    public ReviewSubject SubjectOf(string id, object first) => subject(id, first);
}

/// <param name="Receivers">The receivers of a notification; null for an alarm.</param>
public sealed record ReviewSubject(string AlarmId, string AlarmName, string AlarmPath, IReadOnlyList<string>? Receivers = null);

/// <summary>How a review treats one type of events.</summary>
public sealed class ReviewedType
{
    private readonly Func<object, long, ReviewFact>? fact;
    private readonly Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line;

    private ReviewedType(
        Type clrType, Type? fields, Func<object, long, ReviewFact>? fact, Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line) =>
        (ClrType, Fields, this.fact, this.line) = (clrType, fields, fact, line);

    public Type ClrType { get; }

    /// <summary>The type as which an event is read for its fact; null: it is not counted.</summary>
    public Type? Fields { get; }

    /// <param name="fact">Determines the fact from the event and its version in the stream.</param>
    /// <param name="line">Null: the event's summary is the line.</param>
    public static ReviewedType Of<T>(Func<T, long, ReviewFact> fact, Func<T, ReviewSubject?, ReviewVoice, ReviewLine>? line = null)
        where T : class =>
        Of<T, T>(fact, line);

    /// <typeparam name="TFields">A record with some of the event's fields, so that of hundreds of thousands of events only those needed are
    /// read.</typeparam>
    public static ReviewedType Of<T, TFields>(Func<TFields, long, ReviewFact> fact, Func<T, ReviewSubject?, ReviewVoice, ReviewLine>? line = null)
        where T : class
        where TFields : class =>
        new(typeof(T), typeof(TFields), (e, version) =>
            fact((TFields)e, version), line is null ? null : (e, subject, say) => line((T)e, subject, say));

    /// <summary>An event that has only a line.</summary>
    public static ReviewedType Of<T>(Func<T, ReviewSubject?, ReviewVoice, ReviewLine> line)
        where T : class =>
        new(typeof(T), null, null, (e, subject, say) => line((T)e, subject, say));

    public ReviewFact FactOf(object e, long version) => fact?.Invoke(e, version) ?? ReviewFact.None;

    public ReviewLine? LineOf(object e, ReviewSubject? subject, ReviewVoice say) => line?.Invoke(e, subject, say);
}

public static class ModuleReviewRegistration
{
    public static IServiceCollection AddReview(this IServiceCollection services, ModuleReview review) => services.AddSingleton(review);
}
