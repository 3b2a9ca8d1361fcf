using System.Text;
using System.Text.Json;
using Notify.Kernel.Events;

namespace Notify.Kernel.Tests.Events;

public class EventCatalogTests
{
    private static readonly EventCatalog catalog = new([new("test", [EventType.Of<Picky>("test.picky.v1", "")])]);

    /// <summary>Refuses some values as constructors and setters do, each with another exception.</summary>
    private sealed record Picky
    {
        public string Value
        {
            get;
            init => field = value switch
            {
                "argument" => throw new ArgumentException(value),
                "format" => throw new FormatException(value),
                "overflow" => throw new OverflowException(value),
                "operation" => throw new InvalidOperationException(value),
                "not supported" => throw new NotSupportedException(value),
                "key" => throw new KeyNotFoundException(value),
                "cast" => throw new InvalidCastException(value),
                _ => value,
            };
        }

        = "";
    }

    [Theory]
    [InlineData("test.picky.v1", """{"value":1}""")]
    [InlineData("test.picky.v1", "{")]
    [InlineData("test.picky.v1", """{"value":"argument"}""")]
    [InlineData("test.picky.v1", """{"value":"format"}""")]
    [InlineData("test.picky.v1", """{"value":"overflow"}""")]
    [InlineData("test.picky.v1", """{"value":"operation"}""")]
    [InlineData("test.picky.v1", """{"value":"not supported"}""")]
    [InlineData("test.picky.v1", """{"value":"key"}""")]
    [InlineData("test.picky.v1", """{"value":"cast"}""")]
    [InlineData("test.unknown.v1", """{"value":"good"}""")]
    public void an_event_that_something_else_wrote_is_not_read_and_fails_no_other(string name, string data)
    {
        catalog.TryRead(name, Encoding.UTF8.GetBytes(data)).Should().BeNull();
        var act = () => EventRecord.Deserialize(catalog, name, data);
        act.Should().Throw<Exception>().Which.Should().Match<Exception>(x => EventRecord.IsUnreadable(x), "other readers of rows skip it too");
    }

    [Fact]
    public void an_event_is_read() => catalog.TryRead("test.picky.v1", """{"value":"good"}"""u8).Should().Be(new Picky { Value = "good" });
}
