using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Reviewing;

/// <summary>
/// What a module says of its events to a review of a period (<c>POST /replays</c>): what each counts for, and how it reads on one line. The review
/// itself knows no field of any event.
/// </summary>
/// <param name="Prefix">Events whose type begins with this are part of an incident, described or not.</param>
/// <param name="Streams">The kinds of streams that name an alarm in their first event.</param>
public sealed record ModuleReview(string Prefix, IReadOnlyList<ReviewedStream> Streams, IReadOnlyList<ReviewedType> Types);

/// <summary>A kind of streams that are about an alarm, or about telling somebody of one.</summary>
public sealed class ReviewedStream
{
    private readonly Func<string, object, ReviewSubject> subject;

    private ReviewedStream(string kind, Type fields, Func<string, object, ReviewSubject> subject) =>
        (Kind, Fields, this.subject) = (kind, fields, subject);

    /// <summary>What the ids of the streams begin with, up to the dash.</summary>
    public string Kind { get; }

    /// <summary>What is read of the first event.</summary>
    public Type Fields { get; }

    /// <typeparam name="TFields">As in <see cref="ReviewedType"/>.</typeparam>
    /// <param name="subject">Of the stream's id and its first event.</param>
    public static ReviewedStream Of<TFields>(string kind, Func<string, TFields, ReviewSubject> subject)
        where TFields : class =>
        new(kind, typeof(TFields), (id, first) => subject(id, (TFields)first));

    public ReviewSubject SubjectOf(string id, object first) => subject(id, first);
}

/// <param name="Receivers">Whom a notification is for; null for an alarm.</param>
public sealed record ReviewSubject(string AlarmId, string AlarmName, string AlarmPath, IReadOnlyList<string>? Receivers = null);

/// <summary>What is said of one type of events.</summary>
public sealed class ReviewedType
{
    private readonly Func<object, long, ReviewFact>? fact;
    private readonly Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line;

    private ReviewedType(
        Type clrType, Type? fields, Func<object, long, ReviewFact>? fact, Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line) =>
        (ClrType, Fields, this.fact, this.line) = (clrType, fields, fact, line);

    public Type ClrType { get; }

    /// <summary>What is read of an event for its fact; null: nothing, it counts for nothing.</summary>
    public Type? Fields { get; }

    /// <param name="fact">Of the event and its version in its stream.</param>
    /// <param name="line">Null: its summary is the line.</param>
    public static ReviewedType Of<T>(Func<T, long, ReviewFact> fact, Func<T, ReviewSubject?, ReviewVoice, ReviewLine>? line = null)
        where T : class =>
        Of<T, T>(fact, line);

    /// <typeparam name="TFields">A record with some of the event's fields: of hundreds of thousands of events no more is read than
    /// counts.</typeparam>
    public static ReviewedType Of<T, TFields>(Func<TFields, long, ReviewFact> fact, Func<T, ReviewSubject?, ReviewVoice, ReviewLine>? line = null)
        where T : class
        where TFields : class =>
        new(typeof(T), typeof(TFields), (e, version) =>
            fact((TFields)e, version), line is null ? null : (e, subject, say) => line((T)e, subject, say));

    /// <summary>It only has a line.</summary>
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
